import { AUDIO_LEVEL_URI } from '../../contract/media.ts'
import type { Candidate } from '../ice/candidates.ts'
import type { Offer, OfferSection } from './offer.ts'

interface AnswerFacts {
  sessionId: string
  iceUfrag: string
  icePwd: string
  /** SHA-256, upper-case hex pairs with colons. */
  fingerprint: string
  candidates: Candidate[]
  /** One per slot. */
  ssrcs: number[]
  cname: string
}

/** Asked of the sender (RFC 7587 §7): short packets allowed, FEC within the stream, nothing sent in silence. */
const OPUS_PARAMETERS = 'minptime=10;useinbandfec=1;usedtx=1'

/**
 * The answer to a checked offer: ICE-lite, DTLS server, one fixed source per slot (RFC 5576), all candidates,
 * so that nothing has to be said afterwards.
 */
export function writeAnswer(offer: Offer, facts: AnswerFacts): string {
  const lines = [
    'v=0',
    `o=- ${facts.sessionId} 1 IN IP4 0.0.0.0`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${offer.sections.map((section) => section.mid).join(' ')}`,
    'a=ice-lite',
    'a=msid-semantic: WMS *',
    ...offer.sections.flatMap((section, slot) => sectionLines(section, slot, facts)),
  ]
  return `${lines.join('\r\n')}\r\n`
}

function sectionLines(section: OfferSection, slot: number, facts: AnswerFacts): string[] {
  const payloadType = section.opusPayloadType
  const isMicrophone = slot === 0
  const levels =
    isMicrophone && section.levelExtensionId !== null ? [`a=extmap:${section.levelExtensionId} ${AUDIO_LEVEL_URI}`] : []
  return [
    `m=audio 9 UDP/TLS/RTP/SAVPF ${payloadType}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${section.mid}`,
    isMicrophone ? 'a=sendrecv' : 'a=sendonly',
    'a=rtcp-mux',
    `a=ice-ufrag:${facts.iceUfrag}`,
    `a=ice-pwd:${facts.icePwd}`,
    `a=fingerprint:sha-256 ${facts.fingerprint}`,
    'a=setup:passive',
    `a=rtpmap:${payloadType} opus/48000/2`,
    `a=fmtp:${payloadType} ${OPUS_PARAMETERS}`,
    ...levels,
    `a=msid:slot-${slot} slot-${slot}`,
    `a=ssrc:${facts.ssrcs[slot]} cname:${facts.cname}`,
    `a=ssrc:${facts.ssrcs[slot]} msid:slot-${slot} slot-${slot}`,
    // RFC 9143 §7.1.3: with BUNDLE the candidates belong to the first section.
    ...(isMicrophone ? [...facts.candidates.map(candidateLine), 'a=end-of-candidates'] : []),
  ]
}

function candidateLine(candidate: Candidate): string {
  const related = candidate.related ? ` raddr ${candidate.related.address} rport ${candidate.related.port}` : ''
  const { foundation, priority, address, port, type } = candidate
  return `a=candidate:${foundation} 1 udp ${priority} ${address} ${port} typ ${type}${related}`
}
