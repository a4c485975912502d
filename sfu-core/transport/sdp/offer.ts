import { SDP_MAX_BYTES } from '../../contract/limits.ts'
import { AUDIO_LEVEL_URI, SECTION_COUNT } from '../../contract/media.ts'
import { Refusal } from '../../contract/reasons.ts'
import { parseCandidate, type RemoteCandidate } from '../ice/remote-candidates.ts'

/** What the transport needs of a participant's offer. Everything else in it is left unread. */
export interface Offer {
  iceUfrag: string
  icePwd: string
  fingerprints: Fingerprint[]
  /** What the browser had gathered when it was asked; the rest may come after the offer, or never. */
  candidates: RemoteCandidate[]
  sections: OfferSection[]
}

export interface OfferSection {
  mid: string
  opusPayloadType: number
  /** RED (RFC 2198) whose every block is this Opus; null where not offered. */
  redPayloadType: number | null
  /** Lost Opus packets may be asked for again (RFC 4585 §6.2.1). */
  nack: boolean
  /** Id of the RFC 6464 header extension; null where not offered. */
  levelExtensionId: number | null
  direction: Direction
}

type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

export interface Fingerprint {
  algorithm: 'sha-256' | 'sha-384' | 'sha-512'
  /** Upper-case hex pairs with colons (RFC 8122 §5). */
  value: string
}

const MAX_LINES = 2_000
const MAX_FINGERPRINTS = 8
const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive']
/** RFC 8839 §5.4: ice-chars, and how many. */
const ICE_UFRAG = /^[A-Za-z0-9+/]{4,256}$/
const ICE_PWD = /^[A-Za-z0-9+/]{22,256}$/
/** RFC 8859 lets a mid be any token; browsers write small numbers. Kept narrow: it goes into the answer. */
const MID = /^[A-Za-z0-9_.+-]{1,32}$/
const FINGERPRINT = /^(sha-256|sha-384|sha-512) ([0-9A-F]{2}(?::[0-9A-F]{2})*)$/
const FINGERPRINT_BYTES = { 'sha-256': 32, 'sha-384': 48, 'sha-512': 64 } as const
/** RFC 8866 §9: printable text and tabs. */
const LINE = /^[a-z]=[\t\x20-\x7e\u0080-\u{10ffff}]*$/u

/**
 * Reads an offer strictly.
 * @throws Refusal `offer-malformed`: not SDP, or ICE and DTLS parameters missing or impossible;
 * `offer-unsupported`: other sections than contract/media.ts names, no BUNDLE, no Opus, or the DTLS server's part asked for.
 */
export function parseOffer(sdp: string): Offer {
  const lines = linesOf(sdp)
  const starts = lines.flatMap((line, i) => (line.startsWith('m=') ? [i] : []))
  const session = lines.slice(0, starts[0] ?? lines.length)
  const sections = starts.map((start, i) => lines.slice(start, starts[i + 1] ?? lines.length))
  if (sections.length !== SECTION_COUNT) {
    throw unsupported(`the offer has ${sections.length} media sections, not ${SECTION_COUNT}`)
  }
  const [first = []] = sections
  const iceUfrag = credential(session, first, { name: 'ice-ufrag', pattern: ICE_UFRAG })
  const offer: Offer = {
    iceUfrag,
    icePwd: credential(session, first, { name: 'ice-pwd', pattern: ICE_PWD }),
    fingerprints: fingerprintsOf(session, first),
    candidates: attributes(first, 'candidate').flatMap(
      (text) => parseCandidate(kept(`candidate:${text}`), iceUfrag) ?? [],
    ),
    sections: sections.map((section, i) => readSection(section, i)),
  }
  checkBundle(session, offer.sections)
  checkSetup(session, first)
  return offer
}

function malformed(message: string): Refusal {
  return new Refusal('offer-malformed', message)
}

function unsupported(message: string): Refusal {
  return new Refusal('offer-unsupported', message)
}

/**
 * A copy of its own for what outlives the offer: V8 makes a cut-out keep the whole text, 6 kB, for as long as it lives.
 */
function kept(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

function linesOf(sdp: string): string[] {
  if (Buffer.byteLength(sdp) > SDP_MAX_BYTES) throw malformed(`the offer is larger than ${SDP_MAX_BYTES} bytes`)
  const lines = sdp.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  if (lines.length > MAX_LINES) throw malformed(`the offer has more than ${MAX_LINES} lines`)
  if (lines[0] !== 'v=0') throw malformed('the offer does not begin with v=0')
  const broken = lines.findIndex((line) => !LINE.test(line))
  if (broken >= 0) throw malformed(`line ${broken + 1} of the offer is not SDP`)
  return lines
}

function attributes(lines: string[], name: string): string[] {
  const prefix = `a=${name}:`
  return lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length).trim())
}

/** A section's own attribute goes before the session's (RFC 8866 §5.13). */
function attribute(session: string[], section: string[], name: string): string | undefined {
  return attributes(section, name)[0] ?? attributes(session, name)[0]
}

function credential(session: string[], section: string[], wanted: { name: string; pattern: RegExp }): string {
  const value = attribute(session, section, wanted.name)
  if (value === undefined || !wanted.pattern.test(value)) throw malformed(`${wanted.name} is missing or impossible`)
  return kept(value)
}

function fingerprintsOf(session: string[], section: string[]): Fingerprint[] {
  const own = attributes(section, 'fingerprint')
  const texts = (own.length > 0 ? own : attributes(session, 'fingerprint')).slice(0, MAX_FINGERPRINTS)
  const fingerprints = texts.flatMap((text) => readFingerprint(text))
  if (fingerprints.length === 0) throw malformed('no fingerprint by SHA-256, SHA-384 or SHA-512')
  return fingerprints
}

function readFingerprint(text: string): Fingerprint[] {
  const [name = '', hex = ''] = text.split(/\s+/)
  const match = FINGERPRINT.exec(`${name.toLowerCase()} ${hex.toUpperCase()}`)
  if (!match) return []
  const algorithm = match[1] as Fingerprint['algorithm']
  const value = kept(match[2] ?? '')
  return value.split(':').length === FINGERPRINT_BYTES[algorithm] ? [{ algorithm, value }] : []
}

function readSection(lines: string[], index: number): OfferSection {
  const [kind = '', , protocol = '', ...formats] = (lines[0] ?? '').slice(2).split(' ')
  if (kind !== 'audio') throw unsupported(`media section ${index} is ${kind.slice(0, 20)}, not audio`)
  if (protocol !== 'UDP/TLS/RTP/SAVPF') throw unsupported(`media section ${index} is not UDP/TLS/RTP/SAVPF`)
  const mid = attributes(lines, 'mid')[0]
  if (mid === undefined || !MID.test(mid)) throw malformed(`media section ${index} has no usable mid`)
  if (!lines.includes('a=rtcp-mux')) throw unsupported(`media section ${index} does not offer rtcp-mux`)
  const opus = opusPayloadType(lines, formats, index)
  return {
    mid,
    opusPayloadType: opus,
    redPayloadType: redPayloadType(lines, formats, opus),
    nack: offersNack(lines, opus),
    levelExtensionId: levelExtensionId(lines),
    direction: directionOf(lines, index),
  }
}

function opusPayloadType(lines: string[], formats: string[], index: number): number {
  const [opus] = payloadTypesOf(lines, formats, 'opus/48000/2')
  if (opus === undefined) throw unsupported(`media section ${index} does not offer Opus (RFC 7587)`)
  return opus
}

/** RFC 2198 §5: the parameters name the payload type of each block. Ones of another codec or clock are no use here. */
function redPayloadType(lines: string[], formats: string[], opus: number): number | null {
  const red = payloadTypesOf(lines, formats, 'red/48000/2').find((payloadType) =>
    attributes(lines, 'fmtp').some((text) => {
      const [of = '', blocks = ''] = text.split(/\s+/)
      return of === String(payloadType) && blocks.split('/').every((block) => block === String(opus))
    }),
  )
  return red ?? null
}

function payloadTypesOf(lines: string[], formats: string[], wanted: string): number[] {
  return attributes(lines, 'rtpmap').flatMap((text) => {
    const [payloadType = '', encoding = ''] = text.split(/\s+/)
    if (encoding.toLowerCase() !== wanted || !formats.includes(payloadType)) return []
    const number = Number(payloadType)
    // RFC 5761 §4: 64 to 95 would be taken for RTCP.
    return Number.isInteger(number) && number >= 0 && number <= 127 && (number < 64 || number > 95) ? [number] : []
  })
}

/** Generic NACK for Opus or for all (RFC 4585 §4.2); `nack pli` and the like are something else. */
function offersNack(lines: string[], opus: number): boolean {
  return attributes(lines, 'rtcp-fb').some((text) => {
    const [of, ...feedback] = text.split(/\s+/)
    return (of === String(opus) || of === '*') && feedback.join(' ') === 'nack'
  })
}

function levelExtensionId(lines: string[]): number | null {
  for (const text of attributes(lines, 'extmap')) {
    const [id = '', uri = ''] = text.split(/\s+/)
    const number = Number(id.split('/')[0])
    if (uri === AUDIO_LEVEL_URI && Number.isInteger(number) && number >= 1 && number <= 255) return number
  }
  return null
}

function directionOf(lines: string[], index: number): Direction {
  // RFC 8866 §6.7: sendrecv where nothing is said.
  const direction = DIRECTIONS.find((candidate) => lines.includes(`a=${candidate}`)) ?? 'sendrecv'
  const wanted: Direction = index === 0 ? 'sendrecv' : 'recvonly'
  if (direction !== wanted) throw unsupported(`media section ${index} is ${direction}, not ${wanted}`)
  return direction
}

function checkBundle(session: string[], sections: OfferSection[]): void {
  const mids = sections.map((section) => section.mid)
  if (new Set(mids).size !== mids.length) throw malformed('two media sections have the same mid')
  const bundled = attributes(session, 'group').some((text) => {
    const [semantics, ...group] = text.split(/\s+/)
    return semantics === 'BUNDLE' && mids.every((mid) => group.includes(mid))
  })
  if (!bundled) throw unsupported('the media sections are not one BUNDLE group')
}

/** RFC 8842 §5: we are the DTLS server, so the offerer must be able to be the client. */
function checkSetup(session: string[], section: string[]): void {
  const setup = attribute(session, section, 'setup')
  if (setup !== 'actpass' && setup !== 'active') throw unsupported('the offerer would not be the DTLS client')
}
