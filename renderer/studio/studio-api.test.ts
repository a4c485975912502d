import { expect, it } from 'vitest'
import type { JobView } from '../../server/contract/views.ts'
import { applyJobFeed } from './studio-api.ts'

const job = (jobId: string, progress = 0) => ({ jobId, progress }) as JobView

it('takes the whole list, then each step, newest first', () => {
  const first = applyJobFeed(null, { type: 'jobs', jobs: [job('a')] })
  const second = applyJobFeed(first, { type: 'job', job: job('b') })
  const third = applyJobFeed(second, { type: 'job', job: job('a', 0.5) })
  expect(third?.map(({ jobId, progress }) => [jobId, progress])).toEqual([
    ['b', 0],
    ['a', 0.5],
  ])
})

it('does not mind a step before the list, nor news of the take', () => {
  expect(applyJobFeed(null, { type: 'job', job: job('a') })).toHaveLength(1)
  expect(applyJobFeed(null, { type: 'take' })).toBe(null)
})
