import * as z from 'zod'
import { participantIdSchema, takeIdSchema, tapeIdSchema } from './ids.ts'
import { tapeSourceSchema } from './tape.ts'

/** The names of the studio's files in a take's folder. */
export const STUDIO_FOLDER = 'studio'
export const TAKE_REPORT_NAME = 'take-report.json'
/** The same as a compact JWS (RFC 7515), signed by the server's key: proves that nobody changed the report. */
export const TAKE_REPORT_JWS_NAME = 'take-report.jws'
export const TAPES_FOLDER = 'tapes'

/** Why sound is missing. `chunk-missing`: it never reached the server. `not-captured`: no tape ran then (a reload, no consent for it). `damaged`: a chunk that cannot be decoded. */
export const gapCauseSchema = z.enum([
  'stalled',
  'suspended',
  'asleep',
  'overrun',
  'chunk-missing',
  'not-captured',
  'damaged',
])
export type GapCause = z.infer<typeof gapCauseSchema>

/** A stretch of a speaker's time on stage that no tape has. Times on the take's clock, in ms. */
export const takeGapSchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  cause: gapCauseSchema,
  /** `sfu`: the SFU's track was put there; `silence`: nobody has it. */
  filledFrom: z.enum(['sfu', 'silence']),
})
export type TakeGap = z.infer<typeof takeGapSchema>

export const tapeReportSchema = z.object({
  tapeId: tapeIdSchema,
  source: tapeSourceSchema,
  deviceLabel: z.string(),
  /** Where its first and last sample lie. */
  fromMs: z.number(),
  toMs: z.number(),
  /** How much faster than the take's clock the sound card ran, in parts per million; corrected in the track. */
  driftPpm: z.number(),
  /** As the page declared, or the clock makes likely. */
  expectedSamples: z.int(),
  receivedSamples: z.int(),
  chunks: z.int(),
  /** How well the tape lies on the take's clock: half of the quickest round trip, in ms. */
  clockErrorMs: z.number(),
})
export type TapeReport = z.infer<typeof tapeReportSchema>

/** One speaker's continuous lossless track: FLAC, 48 kHz, from the take's zero to its end. */
export const studioTrackSchema = z.object({
  participantId: participantIdSchema,
  name: z.string(),
  source: tapeSourceSchema,
  /** In STUDIO_FOLDER. */
  file: z.string(),
  channels: z.int(),
  lengthSamples: z.int(),
  sizeBytes: z.int(),
  /** Of the file, hexadecimal. */
  sha256: z.string(),
  /** Loudest and quietest of each 20 ms, for drawing (peaks.ts): in STUDIO_FOLDER. */
  peaksFile: z.string(),
  tapes: z.array(tapeReportSchema),
  gaps: z.array(takeGapSchema),
  /** Of the time in which this speaker was to be recorded, in ms: how much there was, and how much is from tapes. */
  expectedMs: z.number(),
  losslessMs: z.number(),
})
export type StudioTrack = z.infer<typeof studioTrackSchema>

export const takeReportSchema = z.object({
  version: z.literal(1),
  takeId: takeIdSchema,
  roomTitle: z.string(),
  startedAtMs: z.number(),
  /** Of the tracks. */
  lengthMs: z.number(),
  madeAtMs: z.number(),
  tracks: z.array(studioTrackSchema),
})
export type TakeReport = z.infer<typeof takeReportSchema>
