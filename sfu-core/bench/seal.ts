/**
 * node sfu-core/bench/seal.ts: CPU per packet and listener for SRTP alone, without sending. Ours against a cipher object
 * per packet (node:crypto) and against werift, whose objects are the same for every packet of a session.
 */
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { RtpHeader, SrtpSession as WeriftSession } from 'werift'
import { createRandom } from '../test/random.ts'
import { createSealer } from '../transport/srtp/create-sealer.ts'
import { sealRtpPlainly } from '../transport/srtp/plain-seal.ts'
import { SRTP_PROFILE, type SrtpProfile } from '../transport/srtp/profile.ts'
import type { RtpBody, Sealer } from '../transport/srtp/sealer.ts'
import { deriveSessionKeys } from '../transport/srtp/session-keys.ts'
import { bytesOf, headerOf, keysOf, weriftConfig } from '../transport/srtp/srtp.fixture.ts'

const PROFILES = [
  ['GCM', SRTP_PROFILE.aeadAes128Gcm],
  ['CM', SRTP_PROFILE.aesCm128HmacSha1With80],
] as const
const PAYLOAD_BYTES = [100, 300]
const LISTENERS = [200, 1000]
const PACKETS_PER_ROUND = 40_000
const ROUNDS = 9
const WARM_UP_ROUNDS = 2
const MEMORY_LISTENERS = 2000
const MEMORY_PACKETS = 50

export interface SealRow extends Record<string, string | number> {
  profile: string
  payloadBytes: number
  listeners: number
  /** µs of CPU per packet and listener: the median round. */
  oursUs: number
  /** The quickest round: what remains where other programs take the machine's time. */
  oursBestUs: number
  nodeCryptoUs: number
  weriftUs: number
}

export interface SealMemoryRow extends Record<string, string | number> {
  profile: string
  /** Of the kernel's memory, for a stream that sends. */
  placeBytes: number
  /** Resident bytes for a session with one sending stream. */
  residentBytes: number
  /** µs of CPU to open a session and send its first packet. */
  openUs: number
}

/** Seals one packet for all listeners. */
type Round = (packet: RtpBody) => void

function bodyOf(payloadBytes: number): RtpBody {
  const payload = bytesOf(createRandom(payloadBytes), payloadBytes)
  return { timestamp: 960, marker: false, csrc: 7, red: false, payload }
}

function openStreams(sealer: Sealer, profile: SrtpProfile, listeners: number) {
  const random = createRandom(listeners)
  return Array.from({ length: listeners }, (_, i) => {
    return sealer
      .openSession(profile, keysOf(random, profile))
      .openStream({ ssrc: i + 1, payloadType: 111, firstIndex: 0 })
  })
}

function ours(profile: SrtpProfile, listeners: number): Round {
  const sealer = createSealer()
  const streams = openStreams(sealer, profile, listeners)
  const touched = new Uint8Array(1)
  return (packet) => {
    sealer.seal(packet, streams, listeners, (_i, memory, start, end) => {
      const datagram = memory.subarray(start, end)
      touched[0] = datagram[0] ?? 0
    })
  }
}

function byNodeCrypto(profile: SrtpProfile, listeners: number): Round {
  const random = createRandom(listeners)
  const keys = Array.from({ length: listeners }, () => deriveSessionKeys(keysOf(random, profile)).rtp)
  let index = 0
  return ({ payload, timestamp }) => {
    const header = headerOf({ payloadType: 111, marker: false, index, timestamp, ssrc: 1, csrcs: [7] })
    for (const each of keys) sealRtpPlainly(profile, each, { ssrc: 1, index, header, payload })
    index += 1
  }
}

function byWerift(profile: SrtpProfile, listeners: number): Round {
  const random = createRandom(listeners)
  const sessions = Array.from({ length: listeners }, () => {
    return new WeriftSession(weriftConfig(profile, keysOf(random, profile)))
  })
  let index = 0
  return ({ payload, timestamp }) => {
    const header = new RtpHeader({ ssrc: 1, sequenceNumber: index % 65_536, timestamp, payloadType: 111, csrc: [7] })
    for (const session of sessions) session.encrypt(Buffer.from(payload), header)
    index += 1
  }
}

/** µs of CPU (all threads of the process) per packet and listener, of each round. */
function measure(round: Round, packet: RtpBody, options: { listeners: number; share: number }): number[] {
  const turns = Math.ceil((PACKETS_PER_ROUND * options.share) / options.listeners)
  const rounds = Array.from({ length: WARM_UP_ROUNDS + ROUNDS }, () => {
    const before = process.cpuUsage()
    for (let turn = 0; turn < turns; turn++) round(packet)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / (turns * options.listeners)
  })
  return rounds.slice(WARM_UP_ROUNDS).sort((a, b) => a - b)
}

function median(sorted: readonly number[]): number {
  return rounded(sorted[Math.floor(sorted.length / 2)] ?? 0)
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}

/** The comparison, a row for each profile, payload and number of listeners. Takes about 20 s. */
export function benchSeal(): SealRow[] {
  const rows: SealRow[] = []
  for (const [name, profile] of PROFILES) {
    for (const payloadBytes of PAYLOAD_BYTES) {
      for (const listeners of LISTENERS) {
        const packet = bodyOf(payloadBytes)
        const own = measure(ours(profile, listeners), packet, { listeners, share: 1 })
        // The slower ways: as long a time with fewer packets.
        const others = { listeners, share: 0.1 }
        rows.push({
          profile: name,
          payloadBytes,
          listeners,
          oursUs: median(own),
          oursBestUs: rounded(own[0] ?? 0),
          nodeCryptoUs: median(measure(byNodeCrypto(profile, listeners), packet, others)),
          weriftUs: median(measure(byWerift(profile, listeners), packet, others)),
        })
      }
    }
  }
  return rows
}

/** What a sending stream costs in memory, and its session to open. */
export function benchSealMemory(): SealMemoryRow[] {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const kept: unknown[] = []
  return PROFILES.map(([name, profile]) => {
    const sealer = createSealer()
    const packet = bodyOf(300)
    // The first half grows the heap by what is garbage later; it stays, so that the second half needs memory of its own.
    kept.push(openAndSend(sealer, profile, packet))
    collect()
    const residentBefore = process.memoryUsage.rss()
    const cpuBefore = process.cpuUsage()
    const streams = openStreams(sealer, profile, MEMORY_LISTENERS)
    sealer.seal(packet, streams, streams.length, () => {})
    const { user, system } = process.cpuUsage(cpuBefore)
    for (let turn = 0; turn < MEMORY_PACKETS; turn++) sealer.seal(packet, streams, streams.length, () => {})
    collect()
    kept.push(streams)
    const { gcm, cm } = sealer.stats().placeBytes
    return {
      profile: name,
      placeBytes: profile === SRTP_PROFILE.aeadAes128Gcm ? gcm : cm,
      residentBytes: Math.round((process.memoryUsage.rss() - residentBefore) / streams.length),
      openUs: rounded((user + system) / streams.length),
    }
  })
}

function openAndSend(sealer: Sealer, profile: SrtpProfile, packet: RtpBody) {
  const streams = openStreams(sealer, profile, MEMORY_LISTENERS)
  for (let turn = 0; turn < MEMORY_PACKETS; turn++) sealer.seal(packet, streams, streams.length, () => {})
  return streams
}

function asTable(rows: readonly Record<string, string | number>[]): string {
  const names = Object.keys(rows[0] ?? {})
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))]
  return `${lines.map((cells) => cells.map((cell) => cell.padStart(14)).join('')).join('\n')}\n`
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(`${asTable(benchSealMemory())}\n${asTable(benchSeal())}`)
}
