/** Limits of the studio that only the server must know, units last. What the page must know: server/contract/inputs.ts. */

/** Jobs in one take's list; older ones go, with their files. */
export const JOBS_LISTED_COUNT = 30
/** Jobs of one host that wait or run; those that start by themselves do not count. */
export const JOBS_UNFINISHED_PER_HOST_COUNT = 10
/** Previews of one take whose files are kept: they are heard at once, and large. */
export const PREVIEWS_KEPT_COUNT = 3
/** A job's process that died is started once more. */
export const JOB_DEATHS_COUNT = 2
/** In all, whyever: a job that takes the whole server with it is not started for ever. */
export const JOB_STARTS_COUNT = 6
/** A job that should stop has this long to do so in order, then its process is killed. */
export const ABORT_GRACE_MS = 2_000
/** A job's progress goes into the database this often at most; subscribers hear of each change. */
export const PROGRESS_SAVE_INTERVAL_MS = 5_000
/** The queue is looked at this often even if nobody says that something waits: after the database was away. */
export const QUEUE_LOOK_INTERVAL_MS = 10_000
/** Between tries to write down a job's end while the database is away. */
export const DATABASE_RETRY_MS = 1_000
/** V8's heap of a job's process. Sound is not in it (FFmpeg has its own memory, bounded by the engine); lists of chunks are. */
export const WORKER_HEAP_MAX_MB = 384

/** A take whose chunks no longer come is assembled after this, even if a tape has not said its end. */
export const TAPES_QUIET_MS = 120_000
/** Chunks that come late come in a row: a finished take is assembled again this long after the last of them. */
export const LATE_CHUNKS_QUIET_MS = 20_000
/** News of a take come in bursts: they are looked at together. */
export const ASSEMBLY_LOOK_DELAY_MS = 1_500
/** A look that failed (the database was away) is repeated after this. */
export const ASSEMBLY_RETRY_MS = 15_000
/** Takes that ended within this are looked at when the server starts: whether they were assembled. */
export const ASSEMBLY_CATCH_UP_MS = 7 * 24 * 3600_000

/** Files for before and after the talk, of one take. */
export const ASSETS_PER_TAKE_COUNT = 10
/** Uploads that are looked at (decoded) at the same time; a further one is told to come back. */
export const PROBES_AT_ONCE_COUNT = 2
/** Half an hour of sound is decoded in about a second. */
export const PROBE_TIMEOUT_MS = 60_000
/** What is too old is looked for this often. */
export const SWEEP_INTERVAL_MS = 3_600_000
