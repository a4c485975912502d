import * as z from 'zod'

/** What ids are made of: URL-safe, so that an id can be a path segment or a file name as it stands. */
const ID_PATTERN = /^[A-Za-z0-9_-]+$/
const id = (maxLength: number) => z.string().min(1).max(maxLength).regex(ID_PATTERN)

export const roomIdSchema = id(32).brand<'RoomId'>()
export const participantIdSchema = id(64).brand<'ParticipantId'>()
export const nodeIdSchema = id(64).brand<'NodeId'>()
export const takeIdSchema = id(64).brand<'TakeId'>()
export const tapeIdSchema = id(64).brand<'TapeId'>()

/** A room's name in links, tokens and folders. */
export type RoomId = z.infer<typeof roomIdSchema>
/** One seat in one room. An account has one seat per room; a guest one per browser tab. */
export type ParticipantId = z.infer<typeof participantIdSchema>
/** A process that runs the SFU. */
export type NodeId = z.infer<typeof nodeIdSchema>
/** One recording of one room, from start to stop. */
export type TakeId = z.infer<typeof takeIdSchema>
/** One run of one speaker's microphone, recorded on their own machine. */
export type TapeId = z.infer<typeof tapeIdSchema>

/** The participant's number in the room: what the RTP CSRC carries (RFC 3550 §5.1, 32 bits, 0 unused). */
export const participantNumberSchema = z.int().min(1).max(0xffff_ffff)
