import { TAPE_CHUNK_MS } from '../../../sfu-core/contract/limits.ts'
import { TAPE_SAMPLE_RATE_HZ } from '../../../sfu-core/contract/tape.ts'

/** Samples (of each channel) in a chunk. */
export const CHUNK_SAMPLES_COUNT = (TAPE_CHUNK_MS * TAPE_SAMPLE_RATE_HZ) / 1_000

/** What was captured is on its way to the disk by then. */
export const FLUSH_INTERVAL_MS = 100
/** What the disk, or the encoder, has not done by then counts as failed and is tried again. A flush was seen to take 0.9 s on a machine at load 20. */
export const STORE_PATIENCE_MS = 20_000
/** Where a flush is slow (a spinning disk), flushing takes at most this part of the time. */
export const FLUSH_SHARE = 0.1

/** A microphone that delivers nothing for so long is told of. */
export const NO_SOUND_MS = 2_000

/** Some four marks a second. */
export const MARK_INTERVAL_SAMPLES = TAPE_SAMPLE_RATE_HZ / 4

/** Chunks that are sent at once while the upload is behind. */
export const UPLOADS_AT_ONCE = 3
export const UPLOAD_TIMEOUT_MS = 30_000
export const RETRY_FIRST_MS = 500
export const RETRY_MAX_MS = 30_000
/** A chunk that the server calls damaged was perhaps damaged on its way: it is sent so often in all. */
export const DAMAGED_TRIES = 3
/** The server may hear of the take, of the stage or of the consent a little later than the page: a no is final only after this many tries. */
export const OPENING_TRIES = 8

/** Questions for the take's clock at the start and after a sleep, and their distance. */
export const CLOCK_BURST_COUNT = 5
export const CLOCK_BURST_INTERVAL_MS = 400
/** Where not one of them was answered within this, the machine or the line is busy: it is asked on, up to so often in all. */
export const CLOCK_QUICK_MS = 10
export const CLOCK_BURST_MAX_COUNT = 15
/** An answer that took longer places nothing. */
export const CLOCK_ROUND_TRIP_MAX_MS = 5_000

/** The wall clock ran ahead of the monotonic one by more, between two looks: the computer slept (or somebody set the clock; a note alone makes no gap). */
export const SLEEP_JUMP_MS = 2_000
export const SLEEP_LOOK_INTERVAL_MS = 1_000

/** Other pages are told of this page's tapes so often, at most. */
export const NEWS_INTERVAL_MS = 500
/** What another page said last is believed for this long. */
export const NEWS_KEPT_MS = 10_000
