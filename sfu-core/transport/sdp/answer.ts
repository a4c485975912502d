import { AUDIENCE_FIRST_SECTION, AUDIO_LEVEL_URI } from '../../contract/media.ts'
import type { Candidate } from '../ice/candidates.ts'
import type { Offer, OfferSection } from './offer.ts'

/** What the node decides of an answer, beyond what the offer leaves open. */
export interface AnswerPolicy {
  /** Microphones are asked to send RED where they offer it: each packet carries the one before it again. */
  uplinkRed: boolean
}

export const DEFAULT_ANSWER_POLICY: AnswerPolicy = { uplinkRed: true }

interface AnswerFacts {
  sessionId: string
  iceUfrag: string
  icePwd: string
  /** SHA-256, upper-case hex pairs with colons. */
  fingerprint: string
  candidates: Candidate[]
  /** One per section. */
  ssrcs: readonly number[]
  cname: string
  policy?: AnswerPolicy | undefined
}

/** Asked of the sender (RFC 7587 §7): short packets allowed, FEC within the stream, nothing sent in silence. */
const OPUS_PARAMETERS = 'minptime=10;useinbandfec=1;usedtx=1'

/**
 * The answer to a checked offer: ICE-lite, DTLS server, one fixed source per section (RFC 5576), all candidates,
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
    ...offer.sections.flatMap((section, index) => sectionLines(section, index, facts)),
  ]
  return `${lines.join('\r\n')}\r\n`
}

function sectionLines(section: OfferSection, index: number, facts: AnswerFacts): string[] {
  const isMicrophone = index === 0
  const { uplinkRed } = facts.policy ?? DEFAULT_ANSWER_POLICY
  const levels =
    isMicrophone && section.levelExtensionId !== null ? [`a=extmap:${section.levelExtensionId} ${AUDIO_LEVEL_URI}`] : []
  const stream = streamName(index)
  return [
    `m=audio 9 UDP/TLS/RTP/SAVPF ${payloadTypes(section, isMicrophone && uplinkRed).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${section.mid}`,
    isMicrophone ? 'a=sendrecv' : 'a=sendonly',
    'a=rtcp-mux',
    `a=ice-ufrag:${facts.iceUfrag}`,
    `a=ice-pwd:${facts.icePwd}`,
    `a=fingerprint:sha-256 ${facts.fingerprint}`,
    'a=setup:passive',
    ...codecLines(section),
    ...levels,
    `a=msid:${stream} ${stream}`,
    `a=ssrc:${facts.ssrcs[index]} cname:${facts.cname}`,
    `a=ssrc:${facts.ssrcs[index]} msid:${stream} ${stream}`,
    // RFC 9143 §7.1.3: with BUNDLE the candidates belong to the first section.
    ...(isMicrophone ? [...facts.candidates.map(candidateLine), 'a=end-of-candidates'] : []),
  ]
}

function streamName(index: number): string {
  return index < AUDIENCE_FIRST_SECTION ? `stage-${index}` : `audience-${index - AUDIENCE_FIRST_SECTION}`
}

/**
 * In order of preference. Chromium sends RED exactly where RED comes first (libwebrtc's SelectSendCodecs), and takes
 * whatever is listed at all.
 */
function payloadTypes({ opusPayloadType, redPayloadType }: OfferSection, redFirst: boolean): number[] {
  if (redPayloadType === null) return [opusPayloadType]
  return redFirst ? [redPayloadType, opusPayloadType] : [opusPayloadType, redPayloadType]
}

function codecLines({ opusPayloadType, redPayloadType, nack }: OfferSection): string[] {
  const opus = [`a=rtpmap:${opusPayloadType} opus/48000/2`, `a=fmtp:${opusPayloadType} ${OPUS_PARAMETERS}`]
  const feedback = nack ? [`a=rtcp-fb:${opusPayloadType} nack`] : []
  if (redPayloadType === null) return [...opus, ...feedback]
  const red = [
    `a=rtpmap:${redPayloadType} red/48000/2`,
    `a=fmtp:${redPayloadType} ${opusPayloadType}/${opusPayloadType}`,
  ]
  return [...opus, ...feedback, ...red]
}

function candidateLine(candidate: Candidate): string {
  const related = candidate.related ? ` raddr ${candidate.related.address} rport ${candidate.related.port}` : ''
  const { foundation, priority, address, port, type } = candidate
  return `a=candidate:${foundation} 1 udp ${priority} ${address} ${port} typ ${type}${related}`
}
