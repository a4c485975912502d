import { describe, expect, it } from 'vitest'
import { type Hearing, hear, NOBODY_SPEAKS, SOURCE_FRESH_MS, SPEAKING_HOLD_MS, speakingNumbers } from './speaking.ts'

const LOUD = 0.1
const QUIET = 0.001

/** Looks every 150 ms; each entry is one look at slot 0. */
function listen(looks: { sources: [number, number][]; level: number }[], own: Hearing['own'] = null): number[][] {
  let state = NOBODY_SPEAKS
  return looks.map((look, index) => {
    const sources = look.sources.map(([number, timestampMs]) => ({ number, timestampMs }))
    state = hear(state, { nowMs: index * 150, slots: [{ sources, level: look.level }], own })
    return speakingNumbers(state)
  })
}

describe('who speaks', () => {
  it('is the freshest source of a loud slot', () => {
    expect(
      listen([
        { sources: [[3, 100]], level: LOUD },
        {
          sources: [
            [5, 250],
            [3, 100],
          ],
          level: LOUD,
        },
      ]),
    ).toEqual([[3], [3, 5]])
  })

  it('goes on over a pause between words and ends after it', () => {
    const looks = Array.from({ length: 6 }, (_, index) => ({
      sources: [[3, index]] as [number, number][],
      level: index === 0 ? LOUD : QUIET,
    }))
    const silentFrom = Math.floor(SPEAKING_HOLD_MS / 150) + 1
    expect(listen(looks).findIndex((numbers) => numbers.length === 0)).toBe(silentFrom)
  })

  it('does not start on a quiet noise but is kept by one between the thresholds', () => {
    expect(listen([{ sources: [[3, 1]], level: 0.006 }])).toEqual([[]])
    const kept = Array.from({ length: 8 }, (_, index) => ({
      sources: [[3, index]] as [number, number][],
      level: index === 0 ? LOUD : 0.006,
    }))
    expect(listen(kept).at(-1)).toEqual([3])
  })

  it('does not take the level of a slot for somebody whose packets have stopped', () => {
    const looks = Array.from({ length: 10 }, () => ({ sources: [[3, 100]] as [number, number][], level: LOUD }))
    const last = listen(looks)
    expect(last[0]).toEqual([3])
    expect(last[Math.ceil((SOURCE_FRESH_MS + SPEAKING_HOLD_MS) / 150) + 1]).toEqual([])
  })

  it('is told from every section, and goes on when a voice comes by another one', () => {
    const silent = { sources: [], level: 0 }
    const voice = (timestampMs: number) => ({ sources: [{ number: 3, timestampMs }], level: LOUD })
    const audience = [silent, silent, silent, silent, voice(1), silent]
    const stage = [silent, voice(2), silent, silent, voice(1), silent]
    const first = hear(NOBODY_SPEAKS, { nowMs: 0, slots: audience, own: null })
    const second = hear(first, { nowMs: 150, slots: stage, own: null })
    expect([speakingNumbers(first), speakingNumbers(second)]).toEqual([[3], [3]])
  })

  it('includes ourselves by the level of our own microphone', () => {
    expect(listen([{ sources: [], level: 0 }], { number: 7, level: LOUD })).toEqual([[7]])
  })
})
