import { SLOT_COUNT } from './limits.ts'

/**
 * The fixed media sections (m-lines) that every participant negotiates once. A speaker change, going
 * on stage and leaving it need no renegotiation.
 *
 * The offer has SECTION_COUNT audio sections, in this order:
 *   0      sendrecv: the participant's microphone up, stage slot 0 down. Without a microphone the section is
 *          offered all the same (a transceiver without a track); the track is put in later by replaceTrack.
 *   1, 2   recvonly: stage slots 1 and 2 down.
 *   3..5   recvonly: audience slots 0 to 2 down.
 * People on stage are sent the stage's sections (20 ms packets, for the least delay), the audience the audience's
 * (longer packets, a third of the cost). They are different streams because a jitter buffer that has seen longer
 * packets stays long after the packets are short again (measured: for more than 12 s in Chromium).
 * Who is heard in a slot is told by the one CSRC of each RTP packet: the participant's number.
 */
export const SECTION_COUNT = 2 * SLOT_COUNT
/** The first section of the audience's slots. */
export const AUDIENCE_FIRST_SECTION = SLOT_COUNT

export const OPUS_CLOCK_RATE_HZ = 48_000
/** RFC 6464, client-to-mixer audio level. */
export const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'

/** Frames that people send: 20 ms, what every WebRTC client does. */
export const FRAME_MS = 20
/** How much sound a packet to the audience may hold. */
export const AUDIENCE_PACKET_MS = [20, 40, 60, 120] as const
export type AudiencePacketMs = (typeof AUDIENCE_PACKET_MS)[number]
export const DEFAULT_AUDIENCE_PACKET_MS: AudiencePacketMs = 60
