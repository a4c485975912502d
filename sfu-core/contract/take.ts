import * as z from 'zod'
import { participantIdSchema, participantNumberSchema, roomIdSchema, takeIdSchema } from './ids.ts'

/** The name of the file that describes a take, in the take's folder. */
export const TAKE_MANIFEST_NAME = 'take.json'
export const TAKE_FORMAT_VERSION = 1

/** One speaker's track: an Ogg Opus file (RFC 7845), as the SFU heard it, never re-encoded. */
export const takeTrackSchema = z.object({
  file: z.string(),
  participantId: participantIdSchema,
  number: participantNumberSchema,
  name: z.string(),
  /** Where the file's first sample lies on the take's clock, in samples of 48 kHz after `startedAtMs`. */
  offsetSamples: z.int().min(0),
  /** Length of the file in samples of 48 kHz; grows while the take runs. */
  lengthSamples: z.int().min(0),
  sizeBytes: z.int().min(0),
})
export type TakeTrack = z.infer<typeof takeTrackSchema>

export const takeEventSchema = z.object({
  /** On the take's clock, in ms after `startedAtMs`. */
  atMs: z.number(),
  type: z.enum([
    'joined',
    'left',
    'on-stage',
    'off-stage',
    'muted',
    'unmuted',
    'consented',
    'declined',
    'disconnected',
    'reconnected',
  ]),
  participantId: participantIdSchema,
})
export type TakeEvent = z.infer<typeof takeEventSchema>

export const takeManifestSchema = z.object({
  version: z.literal(TAKE_FORMAT_VERSION),
  takeId: takeIdSchema,
  roomId: roomIdSchema,
  roomTitle: z.string(),
  /** The zero of the take's clock, in ms since the Unix epoch. */
  startedAtMs: z.number(),
  /** null while the take runs. */
  endedAtMs: z.number().nullable(),
  /**
   * `failed`: it could not be written any more, for another reason than a full disk. `crash`: the node died while
   * recording, and the take was closed at the next start from what was on disk.
   */
  endedBy: z.enum(['stopped', 'room-ended', 'node-closed', 'disk-full', 'failed', 'crash']).nullable(),
  /** The take that this one goes on from, after a crash of the node. */
  continues: takeIdSchema.nullable(),
  participants: z.array(
    z.object({
      participantId: participantIdSchema,
      number: participantNumberSchema,
      name: z.string(),
      guest: z.boolean(),
    }),
  ),
  tracks: z.array(takeTrackSchema),
  timeline: z.array(takeEventSchema),
})
export type TakeManifest = z.infer<typeof takeManifestSchema>
