import { describe, expect, it } from 'vitest'
import { createRandom } from '../../test/random.ts'
import { guessIndex, REPLAY_WINDOW_PACKETS, ReplayWindow } from './packet-index.ts'

describe('guessIndex (RFC 3711 §3.3.1)', () => {
  it('finds every index less than half a round away, ahead and behind', () => {
    for (const highest of [32_768, 65_535, 65_536, 70_000, 98_304, 131_071, 2 ** 32 + 5, 2 ** 47]) {
      for (const distance of [0, 1, 99, 100, 101, 5_000, 32_000, 32_766, 32_767]) {
        expect(guessIndex(highest, (highest + distance) % 65_536)).toBe(highest + distance)
        if (distance <= highest) expect(guessIndex(highest, (highest - distance) % 65_536)).toBe(highest - distance)
      }
    }
  })

  it('is never negative', () => {
    expect(guessIndex(5, 65_000)).toBe(65_000)
  })
})

describe('ReplayWindow (RFC 3711 §3.3.2)', () => {
  it('takes each index of the window once, as a set would', () => {
    const random = createRandom(5)
    const window = new ReplayWindow()
    const taken = new Set<number>()
    let highest = -1
    for (let step = 0; step < 20_000; step++) {
      const leap = random.chance(2) ? random.int(400) : random.int(4)
      const index = Math.max(0, highest + leap - random.int(8) - (random.chance(10) ? random.int(200) : 0))
      const refused = taken.has(index) || highest - index >= REPLAY_WINDOW_PACKETS
      expect(window.refuses(index)).toBe(refused)
      if (refused) continue
      window.accept(index)
      taken.add(index)
      highest = Math.max(highest, index)
      expect(window.highestIndex).toBe(highest)
    }
  })
})
