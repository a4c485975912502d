import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMsOf } from '../../harness/processes.ts'
import type { Joiner, Sfu } from '../sfus/sfu.ts'
import { busyMsOf, SFU_CORE } from './cores.ts'
import type { Group, LoadGenerator, LoadReport } from './generator.ts'
import { createCredentials } from './sdp.ts'
import { SILENCE, type TalkSpans } from './talk.ts'

/** So many join at a time, and are waited for: more would only queue. */
const JOINS_AT_ONCE = 48
const CONNECT_TIMEOUT_MS = 30_000
const POLL_MS = 10
/** Before a window: caches and compilers get warm, what was queued by joins goes out. */
const SETTLE_MS = 500
/** RTP sources of our peers: anything but 0. */
const SSRC_BASE = 0x1000_0000

export interface Window extends LoadReport {
  /** Of the SFU's process, user and system. */
  cpuMs: number
  /** What others used of the core that the SFU should have for itself. */
  foreignMs: number
}

interface Joining {
  group?: Group
  /** So many join at a time; the next ones when these are connected. */
  atOnce?: number
}

/** Ids, both included. */
interface Joined {
  first: number
  last: number
}

/** Participants of the load generator at one SFU. */
export class LoadedRoom {
  readonly sfu: Sfu
  readonly generator: LoadGenerator
  /** Of people who are there, in order of joining. */
  readonly listenerIds: number[] = []
  readonly #speakerIds: number[] = []
  readonly #firstId: number
  #nextId: number

  /** `firstId`: one generator serves several rooms one after the other; ids are never used again. */
  constructor(sfu: Sfu, generator: LoadGenerator, firstId = 1) {
    this.sfu = sfu
    this.generator = generator
    this.#firstId = firstId
    this.#nextId = firstId
  }

  get nextId(): number {
    return this.#nextId
  }

  /** Silent until `speak`. */
  async addSpeakers(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const id = this.#nextId++
      await this.#join(id, 'speaker', 'stage')
      this.generator.talk(id, SILENCE)
      this.#speakerIds.push(id)
    }
    await this.untilOpen()
  }

  /** From now on, one for each speaker; each SFU is sent the same from its beginning. */
  speak(spans: readonly TalkSpans[]): void {
    this.#speakerIds.forEach((id, i) => {
      this.generator.talk(id, spans[i] ?? SILENCE)
    })
  }

  /** Resolves when all are connected. Answers their ids, first and last. */
  async addListeners(count: number, { group = 'audience', atOnce = JOINS_AT_ONCE }: Joining = {}): Promise<Joined> {
    const first = this.#nextId
    const last = first + count - 1
    this.#nextId += count
    for (let from = first; from <= last; from += atOnce) {
      const ids = Array.from({ length: Math.min(atOnce, last - from + 1) }, (_, i) => from + i)
      await Promise.all(ids.map((id) => this.#joinAsListener(id, group)))
      await this.untilOpen()
    }
    return { first, last }
  }

  async #joinAsListener(id: number, group: Group): Promise<void> {
    await this.#join(id, 'listener', group)
    this.listenerIds.push(id)
  }

  async #join(id: number, role: Joiner['role'], group: Group): Promise<void> {
    const own = createCredentials()
    const ssrc = SSRC_BASE + id
    const offeredAtNs = process.hrtime.bigint()
    const remote = await this.sfu.join({
      id,
      role,
      group,
      ssrc,
      ...own,
      fingerprint: this.generator.fingerprints[role],
    })
    this.generator.add({ id, role, group, own, remote, ssrc, offeredAtNs })
  }

  /** @throws Error where somebody fails to connect. */
  async untilOpen(): Promise<void> {
    await this.#until(({ connecting }) => connecting === 0)
  }

  /** Until so many listeners have received sound. Speakers do not count: alone, they hear nobody. */
  async untilListenersHear(count: number): Promise<void> {
    await this.#until(({ hearing }) => hearing >= count)
  }

  async #until(isSo: (status: Awaited<ReturnType<LoadGenerator['status']>>) => boolean): Promise<void> {
    const deadlineMs = performance.now() + CONNECT_TIMEOUT_MS
    for (;;) {
      const status = await this.generator.status()
      if (status.failed > 0) throw new Error(`${status.failed} participants did not connect to ${this.sfu.name}`)
      if (isSo(status)) return
      if (performance.now() > deadlineMs) throw new Error(`${this.sfu.name}: not in time: ${JSON.stringify(status)}`)
      await sleep(POLL_MS)
    }
  }

  async removeListeners(ids: readonly number[]): Promise<void> {
    const gone = new Set(ids)
    this.listenerIds.splice(0, this.listenerIds.length, ...this.listenerIds.filter((id) => !gone.has(id)))
    for (const id of ids) this.generator.leave(id, id)
    await this.sfu.leave(ids)
  }

  /** Adds or removes the newest, until there are so many. */
  async resize(count: number): Promise<void> {
    const surplus = this.listenerIds.slice(count)
    if (surplus.length > 0) await this.removeListeners(surplus)
    else if (count > this.listenerIds.length) await this.addListeners(count - this.listenerIds.length)
  }

  /** What arrives, and what the SFU's process spends, in this time. After a while to settle, unless it has. */
  async measure(windowMs: number, { isSettled = false } = {}): Promise<Window> {
    if (!isSettled) await sleep(SETTLE_MS)
    this.generator.beginWindow()
    const busyMs = () => (SFU_CORE === null ? 0 : busyMsOf(SFU_CORE))
    const [cpuBeforeMs, busyBeforeMs] = [cpuMsOf(this.sfu.pid), busyMs()]
    await sleep(windowMs)
    const cpuMs = cpuMsOf(this.sfu.pid) - cpuBeforeMs
    const foreignMs = Math.max(0, busyMs() - busyBeforeMs - cpuMs)
    return { ...(await this.generator.report()), cpuMs, foreignMs }
  }

  /** The generator's part of the room ends; the SFU is ended by its owner. */
  leaveAll(): void {
    if (this.#nextId > this.#firstId) this.generator.leave(this.#firstId, this.#nextId - 1)
    this.listenerIds.length = 0
  }
}
