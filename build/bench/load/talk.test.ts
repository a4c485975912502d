import { describe, expect, it } from 'vitest'
import { conversation, MONOLOGUE, SILENCE, talkShare } from './talk.ts'

describe('conversation', () => {
  it('is one who talks mostly and two who talk sometimes, whatever the seed', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const [mostly, ...sometimes] = conversation(seed).map(talkShare)
      expect(mostly).toBeGreaterThan(0.7)
      expect(mostly).toBeLessThan(0.95)
      for (const share of sometimes) {
        expect(share).toBeGreaterThan(0.1)
        expect(share).toBeLessThan(0.4)
      }
    }
  })

  it('is the same for the same seed only', () => {
    expect(conversation(7)).toEqual(conversation(7))
    expect(conversation(7)).not.toEqual(conversation(8))
  })

  it('lasts a minute or more, in pairs of silence and talk that the load generator can hold', () => {
    for (const spans of conversation(3)) {
      expect(spans.length % 2).toBe(0)
      // peer.h: TALK_SPANS_MAX.
      expect(spans.length).toBeLessThanOrEqual(256)
      expect(spans.every((ms) => Number.isInteger(ms) && ms > 0)).toBe(true)
      expect(spans.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(60_000)
    }
  })
})

it('knows the shares of who never stops and who never begins', () => {
  expect(talkShare(MONOLOGUE)).toBe(1)
  expect(talkShare(SILENCE)).toBe(0)
})
