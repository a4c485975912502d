import { randomBytes } from 'node:crypto'
import { AUDIO_LEVEL_URI, SECTION_COUNT } from '../../../sfu-core/contract/media.ts'

/** What the load generator offers: Opus, without RED and NACK. Its payload type and its level's id are in peer.c, too. */
export const OPUS_PAYLOAD_TYPE = 111
const LEVEL_EXTENSION_ID = 1

export interface IceCredentials {
  ufrag: string
  pwd: string
}

/** The other side of a connection as its SDP tells. */
export interface RemoteEnd extends IceCredentials {
  host: string
  port: number
  /** SHA-256 of its certificate, 64 hex digits. */
  fingerprintHex: string
}

export function createCredentials(): IceCredentials {
  return { ufrag: randomBytes(4).toString('hex'), pwd: randomBytes(12).toString('hex') }
}

interface OwnEnd extends IceCredentials {
  /** SHA-256, upper-case hex pairs with colons. */
  fingerprint: string
  ssrc: number
}

type Direction = 'sendrecv' | 'sendonly' | 'recvonly'

function description(directions: readonly Direction[], own: OwnEnd, mids: readonly string[]): string {
  const lines = [
    'v=0',
    `o=- ${own.ssrc} 2 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mids.join(' ')}`,
    'a=msid-semantic: WMS *',
    ...directions.flatMap((direction, i) => section(direction, own, mids[i] ?? String(i))),
  ]
  return `${lines.join('\r\n')}\r\n`
}

function section(direction: Direction, own: OwnEnd, mid: string): string[] {
  const sends = direction !== 'recvonly'
  return [
    `m=audio 9 UDP/TLS/RTP/SAVPF ${OPUS_PAYLOAD_TYPE}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    `a=${direction}`,
    'a=rtcp-mux',
    `a=ice-ufrag:${own.ufrag}`,
    `a=ice-pwd:${own.pwd}`,
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${own.fingerprint}`,
    'a=setup:active',
    `a=rtpmap:${OPUS_PAYLOAD_TYPE} opus/48000/2`,
    `a=fmtp:${OPUS_PAYLOAD_TYPE} minptime=10;useinbandfec=1`,
    `a=extmap:${LEVEL_EXTENSION_ID} ${AUDIO_LEVEL_URI}`,
    ...(sends ? [`a=ssrc:${own.ssrc} cname:load`, `a=ssrc:${own.ssrc} msid:load load`] : []),
  ]
}

function midsOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i))
}

/** As everybody offers to a node of ours (sfu-core/contract/media.ts). */
export function engineOffer(own: OwnEnd): string {
  const directions = midsOf(SECTION_COUNT).map((_, i): Direction => (i === 0 ? 'sendrecv' : 'recvonly'))
  return description(directions, own, midsOf(SECTION_COUNT))
}

/** One section. */
export function simpleOffer(own: OwnEnd, direction: Direction): string {
  return description([direction], own, ['0'])
}

/** To an offer whose every section only sends. */
export function listeningAnswer(offer: string, own: OwnEnd): string {
  const mids = [...offer.matchAll(/^a=mid:(\S+)/gm)].map((match) => match[1] ?? '')
  return description(
    mids.map((): Direction => 'recvonly'),
    own,
    mids,
  )
}

/** Reads credentials, fingerprint and the first IPv4 host candidate over UDP. @throws Error where one is missing. */
export function readRemoteEnd(sdp: string): RemoteEnd {
  const find = (pattern: RegExp): string => {
    const value = pattern.exec(sdp)?.[1]
    if (value === undefined) throw new Error(`no ${pattern.source} in:\n${sdp}`)
    return value
  }
  const [, host = '', port = ''] = /^a=candidate:\S+ 1 udp \d+ ((?:\d+\.){3}\d+) (\d+) typ host/im.exec(sdp) ?? []
  if (host === '') throw new Error(`no IPv4 host candidate in:\n${sdp}`)
  return {
    ufrag: find(/^a=ice-ufrag:(\S+)/m),
    pwd: find(/^a=ice-pwd:(\S+)/m),
    fingerprintHex: find(/^a=fingerprint:sha-256 (\S+)/im).replaceAll(':', ''),
    host,
    port: Number(port),
  }
}
