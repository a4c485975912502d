import type { RoomId } from '../contract/ids.ts'
import type { Refusal } from '../contract/reasons.ts'
import { TAKE_FORMAT_VERSION, type TakeEvent, type TakeManifest } from '../contract/take.ts'
import type { RecordedSpeaker, TakeRecorder, TakeRecorderEvents } from '../record/take-recorder.ts'
import type { TakeStart } from '../room/recording-control.ts'
import type { FakeClock } from './fake-clock.ts'

interface FakeRecorder extends TakeRecorder {
  readonly events: TakeRecorderEvents
  readonly speakers: RecordedSpeaker[]
  /** Numbers whose packets it got. */
  readonly packets: number[]
  readonly notes: { type: TakeEvent['type']; number: number }[]
  readonly endedBy: TakeManifest['endedBy']
}

export interface FakeStudio {
  readonly takes: FakeRecorder[]
  readonly latest: FakeRecorder
  /** The next takes cannot start. */
  refuseWith(refusal: Refusal | null): void
  /** The next takes start only when `release` is called. */
  hold(): void
  release(): void
  start(start: TakeStart & { roomId: RoomId; roomTitle: string }, events: TakeRecorderEvents): Promise<TakeRecorder>
}

export function createFakeStudio(clock: FakeClock): FakeStudio {
  const takes: FakeRecorder[] = []
  let refusal: Refusal | null = null
  let gate: Promise<void> | null = null
  let open = () => {}
  return {
    takes,
    get latest() {
      const take = takes.at(-1)
      if (!take) throw new Error('no take was started')
      return take
    },
    refuseWith: (newRefusal) => {
      refusal = newRefusal
    },
    hold: () => {
      gate = new Promise((resolve) => {
        open = resolve
      })
    },
    release: () => {
      gate = null
      open()
    },
    async start(start, events) {
      if (gate) await gate
      if (refusal) throw refusal
      const take = createFakeRecorder(start, events, clock)
      takes.push(take)
      return take
    },
  }
}

function createFakeRecorder(
  start: TakeStart & { roomId: RoomId; roomTitle: string },
  events: TakeRecorderEvents,
  clock: FakeClock,
): FakeRecorder {
  let manifest: TakeManifest = {
    version: TAKE_FORMAT_VERSION,
    ...start,
    startedAtMs: clock.nowMs(),
    endedAtMs: null,
    endedBy: null,
    participants: [],
    tracks: [],
    timeline: [],
  }
  const startedMonotonicMs = clock.monotonicMs()
  const speakers: RecordedSpeaker[] = []
  const packets: number[] = []
  const notes: FakeRecorder['notes'] = []
  return {
    events,
    speakers,
    packets,
    notes,
    get manifest() {
      return manifest
    },
    get endedBy() {
      return manifest.endedBy
    },
    takeMs: () => clock.monotonicMs() - startedMonotonicMs,
    addSpeaker: (speaker) => speakers.push(speaker),
    onPacket: (number) => packets.push(number),
    note: (type, participant) => notes.push({ type, number: participant.number }),
    async stop(endedBy) {
      if (manifest.endedBy === null) manifest = { ...manifest, endedBy, endedAtMs: clock.nowMs() }
      return manifest
    },
  }
}
