import { spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { endChild, startChild } from './children.ts'
import { LOAD_CORE } from './cores.ts'
import type { DelayBins } from './delays.ts'
import { buildNative } from './native.ts'
import { progress } from './progress.ts'
import { type IceCredentials, OPUS_PAYLOAD_TYPE, type RemoteEnd } from './sdp.ts'
import { speechPackets } from './speech.ts'
import type { TalkSpans } from './talk.ts'

/** Listeners are counted by where they sit: a packet to the stage must be quicker. */
export type Group = 'audience' | 'stage'

export interface LoadPeer {
  id: number
  role: 'speaker' | 'listener'
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

/** The C load generator (native/loadgen.c). */
export interface LoadGenerator extends AsyncDisposable {
  /** Of the certificates that all speakers and all listeners share: SHA-256, hex pairs with colons. */
  fingerprints: Record<LoadPeer['role'], string>
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

/**
 * Two programs: one speaks, with real-time priority, one listens. A speaker whose timer waits while thousands of sockets are
 * read would send late, and its packets would look as if they had been delivered late.
 * @throws MissingPackages
 */
export async function startLoadGenerator(): Promise<LoadGenerator> {
  const speakers = await startProgram({ isRealTime: true })
  const listeners = await startProgram({ isRealTime: false })
  const both = [speakers, listeners]
  return {
    fingerprints: { speaker: speakers.fingerprint, listener: listeners.fingerprint },
    maxPeers: Math.min(listeners.files, LOOPBACK_PORTS) - SPARE_FILES,
    add: ({ id, role, group, own, remote, ssrc, offeredAtNs }) => {
      const isPlain = 'isPlain' in remote
      const { ufrag, pwd, fingerprintHex } = isPlain ? NOBODY : remote
      const kind = isPlain ? 'plain' : 'webrtc'
      const address = [remote.host, remote.port]
      const security = [own.ufrag, own.pwd, ufrag, pwd, fingerprintHex]
      const program = role === 'speaker' ? speakers : listeners
      program.tell('peer', id, group, kind, ...address, ...security, ssrc, OPUS_PAYLOAD_TYPE, offeredAtNs)
    },
    talk: (id, spans) => speakers.tell('talk', id, ...spans),
    leave: (first, last) => {
      for (const program of both) program.tell('leave', first, last)
    },
    sample: (nth) => listeners.tell('sample', nth),
    beginWindow: () => {
      for (const program of both) program.tell('measure')
    },
    status: async () => {
      const [ofSpeakers, ofListeners] = await Promise.all(both.map((program) => program.ask<LoadStatus>('status')))
      return summed(ofSpeakers, ofListeners)
    },
    report: async () => {
      const [spoken, heard] = await Promise.all(both.map((program) => program.ask<LoadReport>('report')))
      if (!spoken || !heard) throw new Error('the load generator gave no report')
      return { ...heard, sent: spoken.sent, ownCpuMs: spoken.ownCpuMs + heard.ownCpuMs }
    },
    firsts: (first, last) => listeners.ask('firsts', first, last),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(both.map((program) => program.close()))
    },
  }
}

function summed(...parts: (LoadStatus | undefined)[]): LoadStatus {
  const sum = { connecting: 0, open: 0, failed: 0, hearing: 0 }
  for (const part of parts) {
    sum.connecting += part?.connecting ?? 0
    sum.open += part?.open ?? 0
    sum.failed += part?.failed ?? 0
    sum.hearing += part?.hearing ?? 0
  }
  return sum
}

/** One process of native/loadgen.c. */
interface LoadProgram {
  fingerprint: string
  /** So many it may have open. */
  files: number
  tell(...words: (string | number | bigint)[]): void
  /** Answers come in the order of the questions. */
  ask<T>(...words: (string | number)[]): Promise<T>
  close(): Promise<void>
}

/** Above all ordinary programs of its core. */
const REAL_TIME = ['chrt', '--fifo', '1'] as const

async function startProgram({ isRealTime }: { isRealTime: boolean }): Promise<LoadProgram> {
  const [{ loadgen }, speech] = [await buildNative(), await speechPackets()]
  const [command, args] =
    isRealTime && mayBeRealTime() ? [REAL_TIME[0], [...REAL_TIME.slice(1), loadgen, speech]] : [loadgen, [speech]]
  const child = await startChild(command, args, { core: LOAD_CORE, stdio: ['pipe', 'pipe', 'inherit'] })
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
  const tell: LoadProgram['tell'] = (...words) => void stdin.write(`${words.join(' ')}\n`)
  return {
    ...(await answer<{ fingerprint: string; files: number }>()),
    tell,
    ask: <T>(...words: (string | number)[]) => {
      tell(...words)
      return answer<T>()
    },
    close: async () => {
      isClosing = true
      stdin.end()
      await endChild(child)
    },
  }
}

/** Needs a privilege; without it speakers are as late as the machine is busy. */
function mayBeRealTime(): boolean {
  const { status } = spawnSync(REAL_TIME[0], [...REAL_TIME.slice(1), 'true'], { stdio: 'ignore' })
  if (status !== 0) progress('speakers cannot be given real-time priority here: on a busy machine they send late')
  return status === 0
}
