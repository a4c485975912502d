import { describe, expect, it } from 'vitest'
import type { TapeStanding } from '../../sfu-core/contract/tape.ts'
import { STRIP_AGAIN_MS } from './strip-feed.ts'
import { Bench, person } from './test/fakes.ts'

const ana: TapeStanding = {
  participantId: 'ana',
  name: 'Ana',
  state: 'safe',
  safeToMs: 40_000,
  capturedToMs: 44_000,
  gapCount: 0,
  gapMs: 0,
}

describe('how safe the recordings are', () => {
  it('is no business of a listener', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter()
    expect(bench.strips).toHaveLength(0)
    expect(session.strip.get()).toBeNull()
  })

  it('is told to who is on stage, also after they left it: the last of it comes then', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter(person({ onStage: true }))
    expect(bench.strips).toMatchObject([{ seat: 'seat1', ended: false }])
    bench.changeMe({ onStage: false })
    expect(bench.strips).toMatchObject([{ ended: false }])
    bench.strips[0]?.listener.onStandings([ana])
    expect(session.strip.get()).toEqual([ana])
  })

  it('is told to hosts in the audience too', async () => {
    const bench = new Bench()
    bench.start()
    await bench.enter(person({ rank: 'co-host' }))
    expect(bench.strips).toHaveLength(1)
  })

  it('is asked for again where the server has no more to say, and ends with the visit', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter(person({ rank: 'host' }))
    bench.strips[0]?.listener.onStandings([ana])
    bench.strips[0]?.listener.onEnd()
    await bench.clock.advance(STRIP_AGAIN_MS)
    expect(bench.strips).toHaveLength(2)
    expect(session.strip.get()).toEqual([ana])
    session.close()
    expect(bench.strips[1]?.ended).toBe(true)
    await bench.clock.advance(STRIP_AGAIN_MS)
    expect(bench.strips).toHaveLength(2)
  })
})
