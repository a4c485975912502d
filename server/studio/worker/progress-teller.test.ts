import { expect, it } from 'vitest'
import { progressTeller } from './progress-teller.ts'

it('tells each step at once and else four times a second, always within 0 to 1', () => {
  const told: unknown[] = []
  let nowMs = 0
  const tell = progressTeller(
    (progress) => told.push(progress),
    () => nowMs,
  )
  for (; nowMs < 1_000; nowMs += 10) tell({ step: 'reading', progress: nowMs / 1_000 })
  expect(told).toHaveLength(4)
  tell({ step: 'mixing', progress: 1.5 })
  nowMs += 250
  tell({ step: 'mixing', progress: Number.NaN })
  expect(told.slice(4)).toEqual([
    { step: 'mixing', progress: 1 },
    { step: 'mixing', progress: 0 },
  ])
})
