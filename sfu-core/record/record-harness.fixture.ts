import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { participantIdSchema, roomIdSchema, takeIdSchema } from '../contract/ids.ts'
import type { TakeManifest } from '../contract/take.ts'
import { createFakeClock, type FakeClock } from '../test/fake-clock.ts'
import { createTakeRecorder } from './create-take-recorder.ts'
import type { RecordFs } from './record-fs.ts'
import type { RecordedSpeaker, TakeRecorder } from './take-recorder.ts'

export interface RecordHarness {
  clock: FakeClock
  /** Holds `<room>/<take>`. */
  takesFolder: string
  folder: string
  recorder: TakeRecorder
  changes: TakeManifest[]
  failures: { reason: string; detail: string }[]
  remove(): Promise<void>
}

export async function createRecordHarness(fs?: RecordFs): Promise<RecordHarness> {
  const takesFolder = await mkdtemp(join(tmpdir(), 'engawa-takes-'))
  const folder = join(takesFolder, 'room-1', 'take-1')
  const clock = createFakeClock()
  const changes: TakeManifest[] = []
  const failures: RecordHarness['failures'] = []
  const recorder = createTakeRecorder({
    folder,
    takeId: takeIdSchema.parse('take-1'),
    roomId: roomIdSchema.parse('room-1'),
    roomTitle: 'Evening on the veranda',
    continues: null,
    clock,
    events: {
      onChanged: (manifest) => changes.push(manifest),
      onFailed: (reason, detail) => failures.push({ reason, detail }),
    },
    ...(fs ? { fs } : {}),
  })
  const remove = () => rm(takesFolder, { recursive: true, force: true })
  return { clock, takesFolder, folder, recorder, changes, failures, remove }
}

export function speaker(number: number, name = `Speaker ${number}`): RecordedSpeaker {
  return { participantId: participantIdSchema.parse(`person-${number}`), number, name, guest: number > 1 }
}

/** One microphone: hands packets to the recorder, 20 ms apart by the sender's clock. */
export class Microphone {
  readonly #recorder: TakeRecorder
  readonly #number: number
  sequenceNumber: number
  timestamp: number

  constructor(recorder: TakeRecorder, number: number) {
    this.#recorder = recorder
    this.#number = number
    this.sequenceNumber = (number * 7_919) & 0xffff
    this.timestamp = (number * 123_456_789) >>> 0
  }

  send(payload: Uint8Array, arrivalMs: number, levelDbov: number | null = 30): void {
    const { sequenceNumber, timestamp } = this
    this.#recorder.onPacket(this.#number, { sequenceNumber, timestamp, payload, levelDbov }, arrivalMs)
    this.skip(1, 1)
  }

  /** Frames that were not sent: lost ones have numbers, those of DTX have not. */
  skip(frames: number, numbers: number): void {
    this.sequenceNumber = (this.sequenceNumber + numbers) & 0xffff
    this.timestamp = (this.timestamp + frames * 960) >>> 0
  }
}
