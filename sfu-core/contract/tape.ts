import * as z from 'zod'
import { takeIdSchema, tapeIdSchema } from './ids.ts'
import { TAPE_CHUNK_MARKS_COUNT, TAPE_CHUNK_MAX_SAMPLES_COUNT, TAPE_CHUNK_SYNCS_COUNT } from './limits.ts'

/**
 * A tape is what one speaker's own machine captured, lossless, before the network: one run of one microphone in one page.
 * A reload, another device or another source (processed, unprocessed) begins another tape of the same speaker. Samples are counted from
 * 0; chunks follow each other without a hole in the count. Where the sound card stalled, the count goes on as if nothing
 * had been: only the marks, which set the count against a clock, tell of it.
 */

/** Every tape has this rate: what WebRTC and Opus work with. */
export const TAPE_SAMPLE_RATE_HZ = 48_000
/** Of the FLAC files (RFC 9639): holds 16-bit converters and the browser's processing without loss that matters. */
export const TAPE_BITS_PER_SAMPLE = 24

/** `processed`: as the others hear it (echo and noise removed). `unprocessed`: as the converter delivered it. */
export const tapeSourceSchema = z.enum(['processed', 'unprocessed'])
export type TapeSource = z.infer<typeof tapeSourceSchema>

/** By then (on the page's own monotonic clock, in ms) so many samples had been captured. */
export const captureMarkSchema = z.tuple([z.int().min(0), z.number()])
export type CaptureMark = z.infer<typeof captureMarkSchema>

/**
 * One question for the take's clock (`tapes.clock`) and its answer: at `monotonicMs` of the page (half-way between question
 * and answer) the take's clock showed `takeMs`. The truth lies within half of `roundTripMs`.
 */
export const clockSyncSchema = z.object({
  monotonicMs: z.number(),
  takeMs: z.number(),
  roundTripMs: z.number().min(0),
})
export type ClockSync = z.infer<typeof clockSyncSchema>

/** What the capturing side itself knows of trouble, as the cause of a gap. */
export const captureNoteSchema = z.object({
  /** The first sample after it. */
  sample: z.int().min(0),
  cause: z.enum(['stalled', 'suspended', 'asleep', 'overrun']),
})
export type CaptureNote = z.infer<typeof captureNoteSchema>

/** What travels with a chunk: a FLAC file of its own, `sampleCount` samples from `firstSample`. */
export const tapeChunkHeaderSchema = z.object({
  /** 0, 1, 2, ... */
  index: z.int().min(0),
  firstSample: z.int().min(0),
  sampleCount: z.int().min(1).max(TAPE_CHUNK_MAX_SAMPLES_COUNT),
  /** Of the FLAC file, hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** In order; some four a second. */
  marks: z.array(captureMarkSchema).max(TAPE_CHUNK_MARKS_COUNT),
  /** Those since the last chunk. */
  syncs: z.array(clockSyncSchema).max(TAPE_CHUNK_SYNCS_COUNT),
  notes: z.array(captureNoteSchema).max(TAPE_CHUNK_SYNCS_COUNT),
  /** How many samples the page had captured in all when it sent this: tells how far behind the upload is. */
  capturedSamples: z.int().min(0),
})
export type TapeChunkHeader = z.infer<typeof tapeChunkHeaderSchema>

/** The proof that a chunk is stored: checked, and flushed to disk. */
export const receiptSchema = z.object({
  tapeId: tapeIdSchema,
  index: z.int(),
  firstSample: z.int(),
  sampleCount: z.int(),
  sha256: z.string(),
  storedAtMs: z.number(),
  /** EdDSA (RFC 8032) by the server's key over `receiptText`, base64url. */
  signature: z.string(),
})
export type Receipt = z.infer<typeof receiptSchema>

/** What a receipt's signature covers. */
export function receiptText(receipt: Omit<Receipt, 'signature'>): string {
  const { tapeId, index, firstSample, sampleCount, sha256, storedAtMs } = receipt
  return ['engawa-receipt-1', tapeId, index, firstSample, sampleCount, sha256, storedAtMs].join('\n')
}

/** Why a tape ended. `lost`: its page went away without a word; what was on its disk came later. */
export const tapeEndSchema = z.enum(['off-stage', 'take-ended', 'left', 'device-changed', 'declined', 'lost'])
export type TapeEnd = z.infer<typeof tapeEndSchema>

/** All that a page knows of a tape when it asks the server for a place for it. */
export const tapeOpeningSchema = z.object({
  takeId: takeIdSchema,
  /** Made by the page: asking twice opens one tape. */
  tapeId: tapeIdSchema,
  source: tapeSourceSchema,
  channels: z.int().min(1).max(2),
  /** As the system names the microphone. */
  deviceLabel: z.string().max(200),
})
export type TapeOpening = z.infer<typeof tapeOpeningSchema>

/** How safe one speaker's sound is, for the live strip. Times are on the take's clock, in ms. */
export interface TapeStanding {
  participantId: string
  name: string
  /** `waiting`: nothing has come yet. `behind`: the upload lags by more than TAPE_BEHIND_MS. `ended`: all that was captured is here. `absent`: no tape, the SFU's track is all there is. */
  state: 'waiting' | 'safe' | 'behind' | 'ended' | 'absent'
  /** Stored without a hole up to here. */
  safeToMs: number
  /** Captured up to here, as far as the page has told. */
  capturedToMs: number
  /** Stalls and missing chunks found so far. */
  gapCount: number
  gapMs: number
}
