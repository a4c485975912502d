/** Limits that only the server must know, units last. Those that more than one process knows: sfu-core/contract/limits.ts. */

/** Largest body of an ordinary HTTP request: a tRPC call with an SDP fits many times. */
export const HTTP_BODY_MAX_BYTES = 256 * 1024
/** One file of a take on its way from a relay: 24 hours of Opus at 128 kbit/s are 1.4 GB. */
export const TAKE_FILE_MAX_BYTES = 2 * 1024 ** 3

/** HTTP requests to the API from one address in a minute. The page works over one WebSocket and needs far fewer. */
export const HTTP_REQUESTS_PER_ADDRESS_PER_MINUTE = 600
/** Sign-ups from one address in ten minutes: a class at school passes, a flood does not. */
export const SIGN_UPS_PER_ADDRESS_PER_10_MINUTES = 30
/** Sign-in tries from one address in a minute. With passwords of 10 characters guessing at this pace is hopeless. */
export const SIGN_INS_PER_ADDRESS_PER_MINUTE = 30
/** Calls on one WebSocket in ten seconds (a person, not a node). */
export const CALLS_PER_CONNECTION_PER_10_S = 300
/** WebSockets that one address may open in a minute. */
export const CONNECTIONS_PER_ADDRESS_PER_MINUTE = 240
/** Rooms that one account may own. */
export const ROOMS_PER_PERSON_MAX = 500
/** Rooms that one account may create in an hour. */
export const ROOMS_CREATED_PER_PERSON_PER_HOUR = 60
/** Rooms of one account that are live at the same time. */
export const LIVE_ROOMS_PER_HOST_MAX = 20
/** Calls of one desktop node in ten seconds. A full room publishes some 100 times a second while everybody comes in. */
export const CALLS_PER_DESKTOP_NODE_PER_10_S = 5_000
/** Permissions to register a computer as a node that one account gets in an hour: one at each start of the program. */
export const ENROLMENTS_PER_PERSON_PER_HOUR = 60
/** Calls in one HTTP request. On a WebSocket the size of a message and the limit of calls bound a batch. */
export const BATCH_MAX_CALLS = 20

/** A feed waits while this much is unsent on its socket; meanwhile it falls behind and later gets a whole state. */
export const FEED_UNSENT_MAX_BYTES = 512 * 1024
/** How often a waiting feed looks whether its socket has drained. */
export const FEED_DRAIN_CHECK_MS = 100
/** The list of live rooms is told about a changed room at most this often. */
export const LIST_FEED_INTERVAL_MS = 1_000
/** Rooms that went away which the list feed remembers, so that a client that dropped can resume. */
export const LIST_GONE_KEPT = 512
/** Visits of one account to a live room that are remembered: each older one has been told that it is over. */
export const VISITS_KEPT = 16
/** Publications of one room that wait for an earlier one. The line keeps order, so more means a lost one. */
export const PUBLICATIONS_AHEAD_MAX = 64
/** Most rooms in one list. */
export const ROOM_LIST_MAX = 200
/** Most takes in one list. */
export const TAKE_LIST_MAX = 500

/** Snapshots of live rooms are written at most this often. */
export const SNAPSHOT_INTERVAL_MS = 1_000
/** The nodes' silence is looked at this often. With NODE_SILENCE_MS (3 s) a room hears of it within 5 s. */
export const NODE_WATCH_INTERVAL_MS = 500
/** A signed-in person's session is looked up again after this. Signing out elsewhere works that late at worst. */
export const SESSION_CACHE_MS = 5_000
/** Sessions last this long without a visit. */
export const SESSION_TTL_S = 30 * 24 * 3600
/** A ticket opens the files of one take from a link. */
export const TAKE_TICKET_TTL_S = 3600

/** Connections to the database. */
export const DATABASE_MAX_CONNECTIONS = 10
/** A database that does not take a connection within this is called away. */
export const DATABASE_CONNECT_TIMEOUT_S = 5
/** A call is answered within this, or refused. More than NODE_ANSWER_TIMEOUT_MS. */
export const CALL_TIMEOUT_MS = 12_000
/** Health checks wait this long. */
export const DATABASE_PROBE_TIMEOUT_MS = 2_000
/** Between two tries to reach the database, at most. Short, so that it heals by itself at once. */
export const DATABASE_BACKOFF_MAX_MS = 1_000

/** The embedded PostgreSQL must take connections within this, crash recovery included. */
export const POSTGRES_START_TIMEOUT_MS = 60_000
/** A fast shutdown ends within some 100 ms; after this it is ended the hard way (no data is lost: the log is replayed). */
export const POSTGRES_STOP_TIMEOUT_MS = 1_200
/** Between two starts of a PostgreSQL that keeps dying. */
export const POSTGRES_RESTART_MAX_MS = 5_000

/** The relay child says it is ready within this. */
export const RELAY_READY_TIMEOUT_MS = 10_000
/** The relay child finishes its takes within this at shutdown, then it is killed. */
export const RELAY_STOP_TIMEOUT_MS = 1_200
export const RELAY_RESTART_MAX_MS = 5_000
/** Requests still running at shutdown get this long. */
export const DRAIN_TIMEOUT_MS = 500

/** A desktop node that stays connected gets a fresh permission to register this often, long before the old one ends. */
export const NODE_TOKEN_RENEW_MS = 3_600_000

/** Tapes of one speaker in one take: each reload and each change of microphone begins one. */
export const TAPES_PER_SPEAKER_AND_TAKE_MAX = 200
/** Two days in chunks of TAPE_CHUNK_MS, and as many again for short ones. */
export const TAPE_MAX_CHUNKS = 100_000
/** Two days. */
export const TAPE_MAX_SAMPLES = 2 * 24 * 3600 * 48_000
/** Uploads of one tape at the same time: the page sends one or two; the rest are those of a connection that is dead. */
export const TAPE_UPLOADS_PER_TAPE_MAX = 6
/** Uploads at the same time, of all. */
export const TAPE_UPLOADS_MAX = 400
/** Chunks whose content is looked through at the same time: each is in memory then, TAPE_CHUNK_MAX_BYTES at most. */
export const TAPE_CHECKS_MAX = 4
/** An upload that says nothing for so long is given up; one that drips as well, after TAPE_UPLOAD_MAX_MS: the largest chunk at 0.6 Mbit/s. */
export const TAPE_UPLOAD_SILENCE_MS = 15_000
export const TAPE_UPLOAD_MAX_MS = 120_000
/** Chunks of one tape in ten seconds: an evening that was kept back by a dead network comes in minutes. */
export const TAPE_CHUNKS_PER_TAPE_PER_10_S = 1_000
/** Chunks with a bad token from one address in a minute. */
export const TAPE_BAD_TOKENS_PER_ADDRESS_PER_MINUTE = 120
/** Questions of one tape for the take's clock in ten seconds: a burst at the start, then one each TAKE_CLOCK_INTERVAL_MS. */
export const TAPE_CLOCKS_PER_TAPE_PER_10_S = 40
/** A node's answer that comes later says little of the clock. */
export const TAKE_CLOCK_TIMEOUT_MS = 2_000
/** Words of the take's clock that are kept for the live strip: those of the last minute or so. */
export const TAPE_SYNCS_KEPT = 8
/** The live strip is told at most this often. */
export const TAPE_STRIP_INTERVAL_MS = 1_000
/** How much all tapes take is added up anew this often; between, what comes is added. */
export const TAPE_TOTAL_TTL_MS = 30_000
/** Chunks that are read from the database at once. */
export const TAPE_CHUNK_PAGE_COUNT = 500
/** Tapes that are on their way to one host's own computer, as it is told of at a time. */
export const HANDOVER_TAPES_MAX = 200
/** Takes whose tapes' standing is kept in memory: those that people look at. */
export const TAKES_WATCHED_MAX = 200
/** Unless the environment says otherwise: eight speakers for ten hours, 24 bit at 48 kHz, as FLAC of speech (some 60 % of it). */
export const TAPE_QUOTA_TAKE_BYTES = 50e9
/** An hour a week for a year and more. */
export const TAPE_QUOTA_PERSON_BYTES = 200e9
/** For the database, the SFU's tracks and the studio's files, which need room too. */
export const MIN_FREE_DISK_BYTES = 1e9
/** Of a tape's capture marks, to find stalls while it grows: half a minute of them. */
export const TAPE_MARKS_KEPT = 120
