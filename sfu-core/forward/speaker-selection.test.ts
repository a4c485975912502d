import { describe, expect, it } from 'vitest'
import { createRandom } from '../test/random.ts'
import { SELECTION, SpeakerSelection } from './speaker-selection.ts'

const LOUD = 20
const VOICE = 40
const QUIET = 90

/** Speakers who send a packet every 20 ms, from `nowMs` on. Gives who was heard at each step. */
function run(
  selection: SpeakerSelection,
  levels: Record<number, number | null>,
  options: { from: number; ms: number },
) {
  const heard: number[][] = []
  for (let nowMs = options.from; nowMs < options.from + options.ms; nowMs += 20) {
    const step = Object.entries(levels).filter(
      ([number, level]) => selection.onPacket(Number(number), level, nowMs) !== null,
    )
    heard.push(step.map(([number]) => Number(number)))
  }
  return heard
}

describe('SpeakerSelection', () => {
  it('R160: gives each of three people a slot from the first packet on, silent or not', () => {
    const selection = new SpeakerSelection(3)
    const heard = run(selection, { 1: QUIET, 2: 127, 3: VOICE }, { from: 0, ms: 5_000 })
    expect(heard.every((step) => step.length === 3)).toBe(true)
    expect(selection.holders).toEqual([1, 2, 3])
  })

  it('does not let a fourth in by silence', () => {
    const selection = new SpeakerSelection(3)
    run(selection, { 1: QUIET, 2: QUIET, 3: QUIET, 4: QUIET }, { from: 0, ms: 3_000 })
    expect(selection.holders).toEqual([1, 2, 3])
  })

  it('gives a voice the slot of whoever was quiet for longest, with its first packet', () => {
    const selection = new SpeakerSelection(3)
    run(selection, { 1: VOICE, 2: VOICE, 3: VOICE }, { from: 0, ms: 1_000 })
    run(selection, { 1: QUIET, 2: VOICE, 3: VOICE }, { from: 1_000, ms: 500 })
    run(selection, { 1: QUIET, 2: QUIET, 3: VOICE }, { from: 1_500, ms: 500 })
    expect(selection.onPacket(4, VOICE, 2_000)).toBe(0)
    expect(selection.holders).toEqual([4, 2, 3])
  })

  it('R160: keeps three who speak against a fourth of the same loudness', () => {
    const selection = new SpeakerSelection(3)
    const heard = run(selection, { 1: VOICE, 2: VOICE, 3: VOICE, 4: VOICE }, { from: 0, ms: 10_000 })
    expect(heard.flat()).not.toContain(4)
  })

  it('lets a clearly louder fourth in, but not at once, and not back and forth', () => {
    const selection = new SpeakerSelection(3)
    const heard = run(selection, { 1: VOICE, 2: VOICE + 2, 3: VOICE, 4: LOUD }, { from: 0, ms: 10_000 })
    const first = heard.findIndex((step) => step.includes(4))
    expect(first * 20).toBeGreaterThanOrEqual(SELECTION.heldForMs)
    expect(selection.holders).toEqual([1, 4, 3])
    expect(heard.slice(first + 1).every((step) => String(step) === '1,3,4')).toBe(true)
  })

  it('frees the slot of somebody who sends nothing any more, and gives it back to them first', () => {
    const selection = new SpeakerSelection(3)
    run(selection, { 1: VOICE, 2: VOICE, 3: VOICE }, { from: 0, ms: 1_000 })
    run(selection, { 1: VOICE, 3: VOICE }, { from: 1_000, ms: SELECTION.absentAfterMs })
    expect(selection.onPacket(4, QUIET, 3_100)).toBe(1)
    selection.remove(4)
    expect(selection.onPacket(2, QUIET, 3_200)).toBe(1)
  })

  it('counts somebody without levels as speaking', () => {
    const selection = new SpeakerSelection(3)
    run(selection, { 1: null, 2: null, 3: null }, { from: 0, ms: 1_000 })
    run(selection, { 1: null, 2: null, 3: QUIET }, { from: 1_000, ms: 1_000 })
    expect(selection.onPacket(4, null, 2_000)).toBe(2)
  })

  it('frees the slot of somebody removed at once', () => {
    const selection = new SpeakerSelection(3)
    run(selection, { 1: LOUD, 2: LOUD, 3: LOUD }, { from: 0, ms: 100 })
    selection.remove(2)
    expect(selection.holders).toEqual([1, null, 3])
    expect(selection.onPacket(4, QUIET, 120)).toBe(1)
  })

  it('forgets how loud somebody was whose packets it was not told of', () => {
    const selection = new SpeakerSelection(3)
    run(selection, { 1: VOICE, 2: VOICE, 3: VOICE, 4: 20 }, { from: 0, ms: 1_000 })
    // 4 is quieter now, and their packets were not opened for 2 s.
    run(selection, { 1: VOICE, 2: VOICE, 3: VOICE }, { from: 1_000, ms: 2_000 })
    expect(selection.onPacket(4, VOICE - 1, 3_000)).toBeNull()
  })
})

describe('couldBeHeard', () => {
  it('is true for holders and for anybody while a slot is free', () => {
    const selection = new SpeakerSelection(3)
    expect(selection.couldBeHeard(1, 127, 0)).toBe(true)
    run(selection, { 1: VOICE, 2: VOICE, 3: VOICE }, { from: 0, ms: 100 })
    expect(selection.couldBeHeard(1, 127, 100)).toBe(true)
    expect(selection.couldBeHeard(4, 127, 100)).toBe(false)
    expect(selection.couldBeHeard(4, 127, 100 + SELECTION.absentAfterMs)).toBe(true)
  })

  it('is true for a voice where a holder is quiet, and for a clearly louder one', () => {
    const selection = new SpeakerSelection(3)
    run(selection, { 1: VOICE, 2: VOICE, 3: VOICE }, { from: 0, ms: 2_000 })
    expect(selection.couldBeHeard(4, VOICE, 2_000)).toBe(false)
    expect(selection.couldBeHeard(4, VOICE - SELECTION.louderByDb, 2_000)).toBe(true)
    run(selection, { 1: QUIET, 2: VOICE, 3: VOICE }, { from: 2_000, ms: 1_000 })
    expect(selection.couldBeHeard(4, VOICE, 3_000)).toBe(true)
    expect(selection.couldBeHeard(4, null, 3_000)).toBe(true)
    expect(selection.couldBeHeard(4, QUIET, 3_000)).toBe(false)
  })

  it('R160: lets through whatever would win, in ten thousand stories', () => {
    const random = createRandom(7)
    const selection = new SpeakerSelection(3)
    for (let nowMs = 0; nowMs < 10_000 * 20; nowMs += random.int(60)) {
      const number = 1 + random.int(8)
      const level = random.chance(5) ? null : random.pick([0, 20, 30, 36, 40, 44, 50, 64, 65, 66, 90, 127])
      const could = selection.couldBeHeard(number, level, nowMs)
      // What is not wanted is mostly not opened.
      if (!could && random.chance(90)) continue
      if (selection.onPacket(number, level, nowMs) !== null) expect(could).toBe(true)
      if (random.chance(1)) selection.remove(1 + random.int(8))
    }
  })
})
