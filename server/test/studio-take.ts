import type { RoomId } from '../../sfu-core/contract/ids.ts'
import type { TakeEvent, TakeManifest } from '../../sfu-core/contract/take.ts'
import type { TapeChunkHeader } from '../../sfu-core/contract/tape.ts'
import type { JobView, StudioTakeView, TapeGrant } from '../contract/views.ts'
import { encodeFlac, sha256Of } from '../tapes/flac.fixture.ts'
import type { FakeNode } from './fake-node.ts'
import { connect, type TestPerson, type TestServer, until } from './harness.ts'
import { type Chunk, opening, type Seated, sendChunk, sitDown, startTake } from './tape-sender.ts'

/** Takes with real tapes on a real server, for tests of the studio. */

export interface StudioRoom {
  server: TestServer
  node: FakeNode
  host: TestPerson
  roomId: RoomId
}

export interface TakeWish {
  names: string[]
  /** Of each tape. */
  chunkCount: number
  chunkSamples: number
  /** Chunks that are not sent yet, of the last speaker's tape, which is then not ended either. */
  keptBack?: number
  /** Of people who did not agree. */
  declined?: string[]
}

export interface MadeTake {
  manifest: TakeManifest
  speakers: Seated[]
  /** Sends what was kept back, and ends the tape. */
  sendRest(): Promise<void>
}

const PAGE_STARTED_MS = 1_000
const MARK_SAMPLES = 12_000

/** Everybody's tape runs from the take's zero to its end. */
export async function makeTake(room: StudioRoom, wish: TakeWish): Promise<MadeTake> {
  const { server, node, roomId } = room
  const sit = (name: string, recordingConsent: boolean) =>
    sitDown(connect(server), { roomId, node, name, change: { recordingConsent } })
  const speakers: Seated[] = []
  for (const name of wish.names) speakers.push(await sit(name, true))
  const silent: Seated[] = []
  for (const name of wish.declined ?? []) silent.push(await sit(name, false))
  const recording = await startTake(node, roomId)
  const manifest = manifestOf({ room, wish, speakers, silent, recording })
  await node.link.reportTake({ ...manifest, endedAtMs: null, endedBy: null })
  const sends = speakers.map((speaker, number) => new Sending(room, { speaker, number, wish, manifest }))
  await Promise.all(sends.map((sending) => sending.open()))
  const late = sends.at(-1)
  for (const sending of sends) await sending.send(0, wish.chunkCount - (sending === late ? (wish.keptBack ?? 0) : 0))
  for (const sending of sends) if (sending !== late || !wish.keptBack) await sending.end()
  await node.tell(roomId, [{ type: 'recording', recording: null }])
  await node.link.reportTake(manifest)
  return {
    manifest,
    speakers,
    async sendRest() {
      await late?.send(wish.chunkCount - (wish.keptBack ?? 0), wish.chunkCount)
      await late?.end()
    },
  }
}

interface Making {
  room: StudioRoom
  wish: TakeWish
  speakers: Seated[]
  silent: Seated[]
  recording: { takeId: TakeManifest['takeId']; startedAtMs: number }
}

function manifestOf({ room, wish, speakers, silent, recording }: Making): TakeManifest {
  const lengthMs = (wish.chunkCount * wish.chunkSamples) / 48
  const event = (type: TakeEvent['type'], atMs: number, one: Seated): TakeEvent => {
    return { type, atMs, participantId: one.participant.id }
  }
  const timeline = [
    ...[...speakers, ...silent].flatMap((one) => [event('joined', 0, one), event('on-stage', 0, one)]),
    ...speakers.map((one) => event('consented', 0, one)),
    ...silent.map((one) => event('declined', lengthMs / 2, one)),
  ]
  return {
    version: 1,
    takeId: recording.takeId,
    roomId: room.roomId,
    roomTitle: 'Veranda',
    startedAtMs: recording.startedAtMs,
    endedAtMs: recording.startedAtMs + lengthMs,
    endedBy: 'stopped',
    continues: null,
    participants: [...speakers, ...silent].map(({ participant }, index) => {
      return { participantId: participant.id, number: index + 1, name: participant.name, guest: true }
    }),
    tracks: [],
    timeline,
  }
}

/** One speaker's page. */
interface OnePage {
  speaker: Seated
  number: number
  wish: TakeWish
  manifest: TakeManifest
}

class Sending {
  readonly #room: StudioRoom
  readonly #of: OnePage
  #grant: TapeGrant | null = null
  #flac: Buffer | null = null

  constructor(room: StudioRoom, of: OnePage) {
    this.#room = room
    this.#of = of
  }

  async open(): Promise<void> {
    const { speaker, number, manifest, wish } = this.#of
    const tape = opening({ takeId: manifest.takeId, startedAtMs: manifest.startedAtMs })
    this.#grant = await speaker.client.api.tapes.open.mutate({ seat: speaker.seat, opening: tape })
    this.#flac = await encodeFlac(wish.chunkSamples, { seed: number + 1 })
  }

  async send(from: number, to: number): Promise<void> {
    for (let index = from; index < to; index++) {
      const { status, reason } = await sendChunk(this.#room.server, this.#chunk(index), this.#opened())
      if (status !== 200) throw new Error(`a chunk was refused: ${status} ${reason}`)
    }
  }

  async end(): Promise<void> {
    const { speaker, wish } = this.#of
    const { chunkCount, chunkSamples } = wish
    const { token } = this.#opened()
    const declared = { chunkCount, sampleCount: chunkCount * chunkSamples, end: 'take-ended' as const }
    await speaker.client.api.tapes.end.mutate({ token, ...declared })
  }

  #opened(): TapeGrant {
    if (this.#grant === null) throw new Error('the tape is not open')
    return this.#grant
  }

  /** All chunks have the same sound. */
  #chunk(index: number): Chunk {
    const { chunkSamples: sampleCount } = this.#of.wish
    const flac = this.#flac ?? Buffer.alloc(0)
    const firstSample = index * sampleCount
    const endSample = firstSample + sampleCount
    const marks: TapeChunkHeader['marks'] = []
    for (let sample = firstSample + MARK_SAMPLES; sample <= endSample; sample += MARK_SAMPLES) {
      marks.push([sample, PAGE_STARTED_MS + sample / 48])
    }
    const syncs = [{ monotonicMs: PAGE_STARTED_MS + endSample / 48, takeMs: endSample / 48, roundTripMs: 2 }]
    const sha256 = sha256Of(flac)
    const header = { index, firstSample, sampleCount, sha256, marks, syncs, notes: [], capturedSamples: endSample }
    return { header, flac }
  }
}

/** A busy machine is slow, not wrong. */
const ASSEMBLY_TIMEOUT_MS = 180_000

/** The take as its host sees it, once it is assembled (by itself). */
export function assembled({ host }: Pick<StudioRoom, 'host'>, take: MadeTake): Promise<StudioTakeView> {
  const { takeId } = take.manifest
  return until(
    async () => {
      const view = await host.client.api.studio.take.query({ takeId })
      return view.report !== null && !view.isStale ? view : null
    },
    'the take is assembled',
    ASSEMBLY_TIMEOUT_MS,
  )
}

/** A host's eyes on the jobs of a take. */
export function followJobs(host: TestPerson, take: MadeTake) {
  const jobs = new Map<string, JobView>()
  /** Every word, as it came. */
  const seen: JobView[] = []
  const subscription = host.client.api.studio.jobs.subscribe(
    { takeId: take.manifest.takeId },
    {
      onData: (feed) => {
        if (feed.type === 'take') return
        const changed = feed.type === 'jobs' ? feed.jobs : [feed.job]
        if (feed.type === 'jobs') jobs.clear()
        for (const job of changed) jobs.set(job.jobId, job)
        seen.push(...changed)
      },
    },
  )
  const untilJob = (jobId: string, is: (job: JobView) => boolean, what: string) =>
    until(
      () => {
        const job = jobs.get(jobId)
        return job !== undefined && is(job) ? job : null
      },
      `job: ${what}`,
      ASSEMBLY_TIMEOUT_MS,
    )
  return {
    jobs,
    seen,
    untilState: (jobId: string, state: JobView['state']) => untilJob(jobId, (job) => job.state === state, state),
    untilProgress: (jobId: string) =>
      untilJob(jobId, (job) => job.state === 'running' && job.progress > 0, 'has begun to work'),
    untilEnded: (jobId: string) => untilJob(jobId, (job) => job.endedAtMs !== null, 'has ended'),
    stop: () => subscription.unsubscribe(),
  }
}
