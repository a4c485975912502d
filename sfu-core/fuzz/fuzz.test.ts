import { expect, it } from 'vitest'
import { createRandom } from '../test/random.ts'
import { fuzz } from './fuzz.ts'
import { mutate } from './mutate.ts'

const CASES = 100_000

it(`${CASES} broken inputs break nothing: STUN, RTP, RTCP, RED, Opus, SDP, candidates, SRTP, DTLS`, async () => {
  const counts = await fuzz({ seed: 20_261_120, cases: CASES })
  expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(CASES)
  expect(Math.min(...counts.values())).toBeGreaterThan(CASES / 100)
}, 120_000)

it('the same seed makes the same inputs', () => {
  const samples = [Buffer.from('one sample'), Buffer.from('another')]
  const make = (seed: number) => {
    const random = createRandom(seed)
    return Array.from({ length: 50 }, () => mutate(samples, random).toString('hex'))
  }
  expect(make(1)).toEqual(make(1))
  expect(make(1)).not.toEqual(make(2))
  expect(new Set(make(1)).size).toBeGreaterThan(30)
})
