/**
 * Where things lie in the memory of one kernel instance, in bytes; read by the AssemblyScript sources and by the
 * TypeScript around them, so plain inferred numbers only.
 */

/** What a profile is called inside the kernel. */
export const KERNEL_GCM = 0
export const KERNEL_CM = 1

export const AES_BLOCK_BYTES = 16
/** RTP header with one CSRC: one block, so that header and payload are one run of blocks to GHASH. */
export const SEALED_HEADER_BYTES = 16
export const GCM_TAG_BYTES = 16
export const CM_TAG_BYTES = 10

/**
 * Widest payload that the kernel seals: a datagram of 1500 bytes less IPv6, UDP, header and tag. Beyond it a packet
 * would be cut into fragments; node:crypto seals those.
 */
export const MAX_KERNEL_PAYLOAD_BYTES = 1408
/** Longest datagram that the kernel opens: more than any path of the public internet carries. */
export const MAX_KERNEL_DATAGRAM_BYTES = 2048

/**
 * Keystream ahead of one sending stream. Measured cost of refilling per packet of 100 bytes, Node 26: 139 ns from
 * 1792 bytes (14 packets), 76 ns from 4096 (32), 61 ns from 6144, 54 ns from 8192: what lies beyond 4096 buys little.
 * One size for every packet length: 32 packets of 100 bytes, 12 of 300, 7 of 500.
 */
export const RING_BYTES = 4096

/** Packets back that a stream can be asked to repeat: 1.28 s of 20 ms packets, more than a jitter buffer waits. */
export const LOG_PACKETS = 64

/** Fields of a record: one stream's place in the memory. */
export const BASE_INDEX_AT = 0
export const SLOT_COUNT_AT = 8
export const NEXT_SLOT_AT = 12
export const SLOT_BYTES_AT = 16
export const WIDTH_AT = 20
export const SSRC_AT = 24
export const PAYLOAD_TYPE_AT = 28
export const RED_PAYLOAD_TYPE_AT = 29
export const LOG_AT = 32
/** From here on what depends on the keys alone: IV, then tables (GCM) or midstates (CM). */
export const IV_HIGH_AT = LOG_AT + LOG_PACKETS * 4
export const IV_LOW_AT = IV_HIGH_AT + 8
export const TABLES_AT = IV_HIGH_AT + 16
/** Powers of H that GHASH works on at once. */
export const GHASH_POWERS = 4
const TABLE_BYTES = 256
export const TABLES_BYTES = GHASH_POWERS * TABLE_BYTES
export const INNER_STATE_AT = IV_HIGH_AT + 16
export const OUTER_STATE_AT = INNER_STATE_AT + 20
export const GCM_KEYED_BYTES = 16 + TABLES_BYTES
export const CM_KEYED_BYTES = 64
export const GCM_RING_AT = IV_HIGH_AT + GCM_KEYED_BYTES
export const CM_RING_AT = IV_HIGH_AT + CM_KEYED_BYTES
export const GCM_PLACE_BYTES = GCM_RING_AT + RING_BYTES
export const CM_PLACE_BYTES = CM_RING_AT + RING_BYTES

/** Fixed areas at the beginning of the memory. */
export const SHA1_BYTES = 20
export const SHA_STATE_AT = 0
export const SHA_SCHEDULE_AT = 128
/** The payload of the packet in work, padded with zeros to whole blocks. */
export const PAYLOAD_AT = SHA_SCHEDULE_AT + 80 * 16
/** Counter blocks on their way to AES; one block more than a ring, for a datagram's mask. */
export const COUNTERS_AT = PAYLOAD_AT + MAX_KERNEL_PAYLOAD_BYTES + AES_BLOCK_BYTES
/** Key material on its way into a record: 16 bytes of IV base, then a key of up to one block of SHA-1, padded with zeros. */
export const KEY_INPUT_AT = COUNTERS_AT + RING_BYTES
export const HMAC_KEY_INPUT_AT = KEY_INPUT_AT + 16
export const HMAC_KEY_MAX_BYTES = 64
export const KEY_INPUT_BYTES = 16 + HMAC_KEY_MAX_BYTES
/** Pairs of (address of a record, low 32 bits of the packet index). */
export const LIST_AT = KEY_INPUT_AT + KEY_INPUT_BYTES

/** A memory that opens has one record instead of a list, and these areas behind it. */
export const OPEN_RECORD_AT = KEY_INPUT_AT + KEY_INPUT_BYTES
export const DATAGRAM_AT = OPEN_RECORD_AT + GCM_RING_AT
const DATAGRAM_AREA_BYTES = MAX_KERNEL_DATAGRAM_BYTES + 128
/** AES of the counter blocks. */
export const KEYSTREAM_AT = DATAGRAM_AT + DATAGRAM_AREA_BYTES
/** Head and body padded to blocks each, as GHASH wants them (RFC 7714 §9). */
export const GHASH_INPUT_AT = KEYSTREAM_AT + DATAGRAM_AREA_BYTES
/** The opened packet. */
export const OPENED_AT = GHASH_INPUT_AT + DATAGRAM_AREA_BYTES
export const OPEN_MEMORY_BYTES = OPENED_AT + DATAGRAM_AREA_BYTES
