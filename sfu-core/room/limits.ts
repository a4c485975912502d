/** Limits of one room that no other process needs to know, units last. */

/** A new person whose audio path does not come up in this time is let go; ICE checks give up sooner (RFC 8445 §14). */
export const FIRST_CONNECT_MS = 20_000
/** The transport answers an offer in this time, or the join is refused: well before the server stops waiting. */
export const ACCEPT_TIMEOUT_MS = 6_000
/** Joins of one seat that may wait for the transport at once: a page that retries, not a flood. */
export const PENDING_JOINS_PER_SEAT = 3

/** People in one publication: a worst-case participant is 0.7 kB of JSON, and MESSAGE_MAX_BYTES holds (limits.test.ts). */
export const PUBLICATION_MAX_EVENTS = 100
/** Events that wait behind a publication in flight; with more the copies get the whole state instead. */
export const PENDING_EVENTS_MAX = 500
/** A publication that failed is made good by the whole state after this time; it doubles up to the most while that fails too. */
export const PUBLISH_RETRY_MIN_MS = 1_000
export const PUBLISH_RETRY_MAX_MS = 30_000

/** Seats that a restart brings back: hosts, the stage, then the hands that waited longest. */
export const SNAPSHOT_MAX_SEATS = 150
/** Removed people that a room remembers; beyond it the one removed first is forgotten. */
export const REMOVED_MAX_PEOPLE = 1_000
/**
 * Numbers that a snapshot keeps free above those given. So a listener's coming alone needs no new
 * snapshot, and one that is a moment old never leads to a number given twice.
 */
export const NUMBERS_RESERVED = 64
