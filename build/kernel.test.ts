import { expect, it } from 'vitest'
import { committedKernel, compileKernel, KERNEL_FOLDERS, kernelSource } from './kernel.ts'

it.each(KERNEL_FOLDERS)(
  'the committed kernel of %s is what its sources compile to (else: node build/kernel.ts)',
  async (folder) => {
    expect(kernelSource(await compileKernel(folder))).toBe(await committedKernel(folder))
  },
)
