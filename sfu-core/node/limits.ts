import { MESSAGE_MAX_BYTES } from '../contract/limits.ts'

/** Limits of one node that no other process needs to know, units last. */

/** Heartbeats that may wait for the server at once: with more the line is stuck, and one more does not help. */
export const HEARTBEATS_MAX_PENDING = 3
/** First wait before a take is reported again; it doubles up to the most. */
export const REPORT_RETRY_MIN_MS = 1_000
export const REPORT_RETRY_MAX_MS = 60_000
/** A node that closes gives the server this long to take the last reports. What stays is reported at the next start. */
export const CLOSE_REPORTS_MS = 800
/** The contract's limit for `NodeAnswer.detail`. */
export const DETAIL_MAX_CHARS = 500

/** No take begins with less free than this: some hours of one voice at 48 kb/s, so that the end of a take can still be written. */
export const TAKE_MIN_FREE_BYTES = 64 * 1024 * 1024
/** A report is one message, with room for its envelope. */
export const REPORT_MAX_BYTES = MESSAGE_MAX_BYTES - 8 * 1024
