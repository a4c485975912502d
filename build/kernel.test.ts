import { expect, it } from 'vitest'
import { committedKernel, compileKernel, kernelSource } from './kernel.ts'

it('the committed SRTP kernel is what its sources compile to (else: node build/kernel.ts)', async () => {
  expect(kernelSource(await compileKernel())).toBe(await committedKernel())
})
