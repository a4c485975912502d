import { describe, expect, it } from 'vitest'
import { type TakeEvent, type TakeManifest, takeManifestSchema } from '../../contract/take.ts'
import { speakerTime } from './speaker-time.ts'

function time(...events: [atS: number, type: TakeEvent['type'], who?: string][]): [number, number][] {
  const manifest: TakeManifest = takeManifestSchema.parse({
    version: 1,
    takeId: 'take',
    roomId: 'room',
    roomTitle: '',
    startedAtMs: 0,
    endedAtMs: 100_000,
    endedBy: 'stopped',
    continues: null,
    participants: [],
    tracks: [],
    timeline: events.map(([atS, type, who = 'ana']) => ({ atMs: atS * 1_000, type, participantId: who })),
  })
  return speakerTime(manifest, 'ana', 100 * 48_000).map(({ from, to }) => [from / 48_000, to / 48_000])
}

describe('speakerTime', () => {
  it('is on stage, agreed and not muted', () => {
    expect(time([0, 'on-stage'], [5, 'consented'], [10, 'muted'], [20, 'unmuted'], [90, 'off-stage'])).toEqual([
      [5, 10],
      [20, 90],
    ])
  })

  it('goes to the end of the take, and is nobody else’s', () => {
    expect(time([0, 'on-stage', 'ben'], [1, 'consented', 'ben'], [2, 'on-stage'], [2, 'consented'])).toEqual([[2, 100]])
    expect(time([0, 'on-stage', 'ben'], [1, 'consented', 'ben'])).toEqual([])
  })

  it('needs consent once, and ends where it is withdrawn', () => {
    const left: [number, TakeEvent['type']][] = [
      [0, 'on-stage'],
      [0, 'consented'],
      [10, 'off-stage'],
      [20, 'on-stage'],
    ]
    expect(time(...left)).toEqual([
      [0, 10],
      [20, 100],
    ])
    expect(time(...left, [30, 'declined'])).toEqual([
      [0, 10],
      [20, 30],
    ])
  })

  it('goes on while the connection is lost, if they come back', () => {
    const start: [number, TakeEvent['type']][] = [
      [0, 'on-stage'],
      [0, 'consented'],
      [40, 'disconnected'],
    ]
    expect(time(...start, [45, 'reconnected'])).toEqual([[0, 100]])
    expect(time(...start, [100, 'off-stage'], [100, 'left'])).toEqual([[0, 40]])
    expect(time(...start)).toEqual([[0, 40]])
  })
})
