/**
 * The fixed media sections (m-lines) that every participant negotiates once. A speaker change, going
 * on stage and leaving it need no renegotiation.
 *
 * The offer has SLOT_COUNT audio sections, in this order:
 *   0      sendrecv: the participant's microphone up, slot 0 down. Without a microphone the section is
 *          offered all the same (a transceiver without a track); the track is put in later by replaceTrack.
 *   1..n   recvonly: slots 1 and 2 down.
 * Who is heard in a slot is told by the one CSRC of each RTP packet: the participant's number.
 */
export const OPUS_CLOCK_RATE_HZ = 48_000
/** RFC 6464, client-to-mixer audio level. */
export const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'
