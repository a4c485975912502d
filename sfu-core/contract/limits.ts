/**
 * Every limit that more than one process must know, units last. A limit of one folder lives in that
 * folder. Relations between limits are asserted in limits.test.ts.
 */

/** Downlink streams per participant. Three voices at once is what a listener can follow. */
export const SLOT_COUNT = 3
/** People on stage of one room. */
export const STAGE_MAX_PEOPLE = 16
/** People in one room, stage and audience together. */
export const ROOM_MAX_PARTICIPANTS = 2_000
/** Rooms that one node runs at once. */
export const NODE_MAX_ROOMS = 200

/** An offer of SECTION_COUNT audio sections is about 6 kB (Chromium 156, Firefox 153); trickled candidates add 1 kB. */
export const SDP_MAX_BYTES = 32 * 1024
/** Candidate lines that a page sends after its offer, in one message: two networks with IPv4, IPv6 and what STUN saw of each come to eight. */
export const CANDIDATES_MAX_LINES = 16
/** Messages with candidates for one offer. */
export const CANDIDATES_MAX_CALLS = 4
/** Browsers' lines have 80 to 170 characters. */
export const CANDIDATE_MAX_CHARS = 300
/** STUN servers that a page or a node is told of: one answers, a second is for the other address family. */
export const STUN_SERVERS_COUNT = 4
/** Largest message on any WebSocket: an SDP and its envelope, with room to spare. */
export const MESSAGE_MAX_BYTES = 256 * 1024

/** Events in one publication of a room: more than nodes send (PUBLICATION_MAX_EVENTS and the room's end), and a bound on the server's work. */
export const PUBLICATION_EVENTS_COUNT = 200

export const NAME_MAX_CHARS = 60
export const TITLE_MAX_CHARS = 120
export const DESCRIPTION_MAX_CHARS = 2_000

/** A room token is used at once: it only has to survive one slow round trip. */
export const ROOM_TOKEN_TTL_S = 60
/** A seat outlives a reload and an evening. */
export const SEAT_TOKEN_TTL_S = 24 * 3600
/** A desktop host's permission to register; renewed at each registration. */
export const NODE_TOKEN_TTL_S = 24 * 3600
/** Clocks of node and server may differ by this much. */
export const TOKEN_CLOCK_TOLERANCE_S = 5

/** A disconnected person's seat (stage, mute, hand) is kept this long. */
export const SEAT_GRACE_MS = 60_000
/** Nodes say they live this often. */
export const HEARTBEAT_INTERVAL_MS = 1_000
/** A node silent for this long is gone: rooms are told within 5 s (HEARTBEAT_INTERVAL_MS later at worst). */
export const NODE_SILENCE_MS = 3_000
/** The server waits this long for a node's answer. */
export const NODE_ANSWER_TIMEOUT_MS = 8_000
/** Requests waiting for one node; beyond it joins are refused with `node-busy`. */
export const NODE_MAX_PENDING_REQUESTS = 500
/** Updates the server keeps per room so that a client that dropped can resume without a snapshot. */
export const ROOM_UPDATES_KEPT = 512

/** Joins from one address in a minute: a school class behind one NAT passes, a flood does not. */
export const JOINS_PER_ADDRESS_PER_MINUTE = 120
/** Actions (mute, hand, ...) of one seat in ten seconds. */
export const ACTIONS_PER_SEAT_PER_10_S = 40

/**
 * V8's young generation in processes that carry media (--max-semi-space-size). Small: 2,000 listeners take 35 kB each instead of 65
 * (npm run bench -- memory), and a collection that has less to look through is a shorter pause for the sound.
 */
export const MEDIA_SEMI_SPACE_MB = 2

/** Sound in one chunk of a tape: short, so that little is at stake at once; long enough for FLAC and for few requests. */
export const TAPE_CHUNK_MS = 4_000
/** The most that a chunk may hold: what a page found in its journal after a crash may be longer than usual. 30 s of 48 kHz. */
export const TAPE_CHUNK_MAX_SAMPLES_COUNT = 30 * 48_000
/** A chunk's FLAC file: 30 s of stereo at 24 bit, incompressible, and its headers. */
export const TAPE_CHUNK_MAX_BYTES = 30 * 48_000 * 2 * 3 + 64 * 1024
/** Four a second, for the longest chunk. */
export const TAPE_CHUNK_MARKS_COUNT = 160
export const TAPE_CHUNK_SYNCS_COUNT = 32
/** A chunk's header in its request: 160 marks of about 26 characters, in base64url. */
export const TAPE_CHUNK_HEADER_MAX_BYTES = 12 * 1024
/** An upload that lags by more is told of. Three chunks: one is being recorded, one is on its way. */
export const TAPE_BEHIND_MS = 12_000
/** The take's clock is asked this often while a tape runs. */
export const TAKE_CLOCK_INTERVAL_MS = 10_000
/** What was captured may come this much later. */
export const TAPE_TOKEN_TTL_S = 90 * 24 * 3600
/** Cuts, mutes, markers or speakers in one list of edits. */
export const EDIT_LIST_COUNT = 2_000
