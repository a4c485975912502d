import { expect, it } from 'vitest'
import { formatPrecise, lengthParts } from './times.ts'

it.each([
  [0, '0:00.0'],
  [724_399, '12:04.3'],
  [3_753_000, '1:02:33.0'],
  [-5, '0:00.0'],
])('writes the moment %d as %s', (atMs, words) => expect(formatPrecise(atMs)).toBe(words))

it.each([
  [1_400, { seconds: 1.4 }],
  [18_000, { seconds: 18 }],
  [59_940, { seconds: 59.9 }],
  [59_960, { clock: '0:59' }],
  [130_000, { clock: '2:10' }],
  [20, { seconds: 0.02 }],
  [1, { seconds: 0.01 }],
  [0, { seconds: 0 }],
])('takes the length %d apart', (lengthMs, parts) => expect(lengthParts(lengthMs)).toEqual(parts))
