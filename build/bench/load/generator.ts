import { createInterface } from 'node:readline'
import { endChild, startChild } from './children.ts'
import { LOAD_CORE } from './cores.ts'
import type { DelayBins } from './delays.ts'
import { buildNative } from './native.ts'
import { type IceCredentials, OPUS_PAYLOAD_TYPE, type RemoteEnd } from './sdp.ts'
import { speechPackets } from './speech.ts'
import type { TalkSpans } from './talk.ts'

/** Listeners are counted by where they sit: a packet to the stage must be quicker. */
export type Group = 'audience' | 'stage'

export interface LoadPeer {
  id: number
  group: Group
  ssrc: number
  own: IceCredentials
  remote: RemoteEnd | PlainEnd
  /** CLOCK_MONOTONIC (process.hrtime): when its offer was sent. */
  offeredAtNs: bigint
}

/** RTP as it is, without ICE and DTLS. */
export interface PlainEnd {
  isPlain: true
  host: string
  port: number
}

interface LoadStatus {
  connecting: number
  open: number
  failed: number
  /** Have received a packet of sound. */
  hearing: number
}

export interface GroupReport {
  listeners: number
  packets: number
  bytes: number
  lost: number
  /** Of the packets that were opened: their frames of speech, and what was not in order. */
  frames: number
  undecryptable: number
  unstamped: number
  rightSound: number
  wrongSound: number
  firstFrame: DelayBins
  lastFrame: DelayBins
}

export interface LoadReport {
  windowMs: number
  ownCpuMs: number
  /** Packets that speakers sent. */
  sent: number
  audience: GroupReport
  stage: GroupReport
}

/** From a peer's offer, in ms; -1 for what has not happened. */
export type Firsts = [openMs: number, heardMs: number][]

/** The C load generator (native/loadgen.c). `ask` gives its answers in the order of the questions. */
export interface LoadGenerator extends AsyncDisposable {
  /** Of the certificate that all its peers share: SHA-256, hex pairs with colons. */
  fingerprint: string
  /** So many peers it can have, for each is a file. */
  maxPeers: number
  add(peer: LoadPeer): void
  talk(id: number, spans: TalkSpans): void
  /** Both ids included. */
  leave(first: number, last: number): void
  /** Opens every nth packet of each listener in the audience; of those on stage all are opened. */
  sample(nth: number): void
  beginWindow(): void
  status(): Promise<LoadStatus>
  report(): Promise<LoadReport>
  firsts(first: number, last: number): Promise<Firsts>
}

const NOBODY: IceCredentials & { fingerprintHex: string } = { ufrag: '-', pwd: '-', fingerprintHex: '-' }

/** Linux gives out ports 32768 to 60999 (ip_local_port_range) to sockets that do not ask for one. */
const LOOPBACK_PORTS = 28_232
const SPARE_FILES = 100

/** @throws MissingPackages */
export async function startLoadGenerator(): Promise<LoadGenerator> {
  const [{ loadgen }, speech] = [await buildNative(), await speechPackets()]
  const child = await startChild(loadgen, [speech], { core: LOAD_CORE, stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting: { resolve(line: string): void; reject(error: Error): void }[] = []
  if (!child.stdout || !child.stdin) throw new Error('the load generator has no pipes')
  const { stdin } = child
  createInterface(child.stdout).on('line', (line) => waiting.shift()?.resolve(line))
  let isClosing = false
  child.once('exit', (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`the load generator ended (${code})`))
    if (!isClosing) throw new Error(`the load generator ended (${code}) in the middle of a bench`)
  })
  const answer = <T>() =>
    new Promise<string>((resolve, reject) => waiting.push({ resolve, reject })).then((line) => JSON.parse(line) as T)
  const tell = (...words: (string | number | bigint)[]) => stdin.write(`${words.join(' ')}\n`)
  const ask = <T>(...words: (string | number)[]) => {
    tell(...words)
    return answer<T>()
  }
  const { fingerprint, files } = await answer<{ fingerprint: string; files: number }>()
  return {
    fingerprint,
    maxPeers: Math.min(files, LOOPBACK_PORTS) - SPARE_FILES,
    add: ({ id, group, own, remote, ssrc, offeredAtNs }) => {
      const isPlain = 'isPlain' in remote
      const { ufrag, pwd, fingerprintHex } = isPlain ? NOBODY : remote
      const kind = isPlain ? 'plain' : 'webrtc'
      const address = [remote.host, remote.port]
      const security = [own.ufrag, own.pwd, ufrag, pwd, fingerprintHex]
      tell('peer', id, group, kind, ...address, ...security, ssrc, OPUS_PAYLOAD_TYPE, offeredAtNs)
    },
    talk: (id, spans) => tell('talk', id, ...spans),
    leave: (first, last) => tell('leave', first, last),
    sample: (nth) => tell('sample', nth),
    beginWindow: () => tell('measure'),
    status: () => ask('status'),
    report: () => ask('report'),
    firsts: (first, last) => ask('firsts', first, last),
    [Symbol.asyncDispose]: async () => {
      isClosing = true
      stdin.end()
      await endChild(child)
    },
  }
}
