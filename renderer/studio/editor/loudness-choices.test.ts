import { expect, it } from 'vitest'
import { LOUDNESS_TARGETS_LUFS, NO_EDITS } from '../../../sfu-core/contract/edits.ts'
import { LOUDNESS_CHOICES, LOUDNESS_NAMES, nameOfLoudness } from './loudness-choices.ts'

it('has a name for each target, and for what a new take begins with', () => {
  const targets = LOUDNESS_NAMES.map((name) => LOUDNESS_CHOICES[name].loudnessLufs)
  expect([...targets].sort()).toEqual([...LOUDNESS_TARGETS_LUFS].sort())
  expect(nameOfLoudness(NO_EDITS)).toBe('podcast')
})

it('finds its own names again, and none for what it does not offer', () => {
  for (const name of LOUDNESS_NAMES) expect(nameOfLoudness(LOUDNESS_CHOICES[name])).toBe(name)
  expect(nameOfLoudness({ loudnessLufs: -16, channels: 1 })).toBe(null)
})
