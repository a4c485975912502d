import { describe, expect, it } from 'vitest'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import { lengthMsOf, listed, type MyTake, speakerCountOf, stateOf } from './take-facts.ts'

const track = (participantId: string, offsetSamples: number, lengthSamples: number) => ({
  participantId,
  offsetSamples,
  lengthSamples,
})

function take(manifest: Partial<TakeManifest>, rest: Partial<MyTake> = {}): MyTake {
  return {
    roomId: 'room',
    storage: 'shared',
    downloadable: true,
    ...rest,
    manifest: { startedAtMs: 1_000, endedAtMs: 61_000, tracks: [], ...manifest },
  } as MyTake
}

describe('stateOf', () => {
  it('tells a running take by its missing end, whatever else is said', () => {
    expect(stateOf(take({ endedAtMs: null }))).toBe('running')
  })

  it('tells where the files of an ended take are', () => {
    expect(stateOf(take({}))).toBe('ready')
    expect(stateOf(take({}, { downloadable: false, storage: 'upload' }))).toBe('sending')
    expect(stateOf(take({}, { downloadable: false, storage: 'kept' }))).toBe('elsewhere')
  })
})

describe('lengthMsOf', () => {
  it('is from start to end', () => expect(lengthMsOf(take({}), 99_000)).toBe(60_000))

  it('of a running take reaches to now, and is never negative where clocks differ', () => {
    expect(lengthMsOf(take({ endedAtMs: null }), 4_000)).toBe(3_000)
    expect(lengthMsOf(take({ endedAtMs: null }), 500)).toBe(0)
  })
})

describe('speakerCountOf', () => {
  it('counts people, not files', () => {
    const tracks = [track('a', 0, 1), track('a', 5, 1), track('b', 0, 1)] as TakeManifest['tracks']
    expect(speakerCountOf(take({ tracks }))).toBe(2)
  })
})

describe('listed', () => {
  it('has the newest first, and one room alone where asked', () => {
    const old = take({ startedAtMs: 1 })
    const other = take({ startedAtMs: 2 }, { roomId: 'other' as MyTake['roomId'] })
    const young = take({ startedAtMs: 3 })
    expect(listed([old, other, young], null)).toEqual([young, other, old])
    expect(listed([old, other, young], 'room')).toEqual([young, old])
  })
})
