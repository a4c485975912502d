import { expect, it } from 'vitest'
import type { JobView } from '../../../server/contract/views.ts'
import { exportJobs, formatBytes, isUnderWay, newestOf, percentOf } from './job-facts.ts'

const job = (rest: Partial<JobView>) =>
  ({ state: 'running', progress: 0, request: { kind: 'assemble' }, ...rest }) as JobView

it('shows only what people asked for as exports', () => {
  const mix = job({ request: { kind: 'mix', format: 'mp3' } })
  const jobs = [job({}), mix, job({ request: { kind: 'preview', fromMs: 0, toMs: 1 } })]
  expect(exportJobs(jobs)).toEqual([mix])
  expect(newestOf(jobs, 'mix')).toBe(mix)
  expect(newestOf([], 'mix')).toBe(null)
})

it('says 100 % only when it is over', () => {
  expect(percentOf(job({ progress: 0.999 }))).toBe(99)
  expect(percentOf(job({ progress: 1 }))).toBe(99)
  expect(percentOf(job({ state: 'done', progress: 0.5 }))).toBe(100)
})

it('knows what goes on', () => {
  const states = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const
  expect(states.filter((state) => isUnderWay({ state }))).toEqual(['waiting', 'running'])
})

it.each([
  [900, '1 kB'],
  [40_200_000, '40 MB'],
  [4_250_000, '4.3 MB'],
  [1_812_000_000, '1.8 GB'],
])('writes %i bytes as %s', (sizeBytes, words) => expect(formatBytes(sizeBytes, 'en')).toBe(words))
