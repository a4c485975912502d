import { createRandom } from '../test/random.ts'
import { mutate } from './mutate.ts'
import { createTargets, type FuzzTarget } from './targets.ts'

export interface FuzzOptions {
  /** The same seed and case tell the same story. */
  seed: number
  cases: number
  /** Only targets whose name contains this. */
  only?: string | undefined
  onProgress?(done: number): void
}

/** An input that broke something. */
export class FuzzFinding extends Error {
  constructor(target: FuzzTarget, input: Buffer, cause: unknown) {
    const what = cause instanceof Error ? cause.message : String(cause)
    super(`${target.name}: ${what}; input (hex): ${input.toString('hex')}`, { cause })
  }
}

const PROGRESS_EVERY = 100_000

/**
 * Feeds broken input to everything that strangers' bytes reach. Gives how many cases each target had.
 * @throws FuzzFinding with the input, at the first that breaks something.
 */
export async function fuzz({ seed, cases, only = '', onProgress }: FuzzOptions): Promise<Map<string, number>> {
  const random = createRandom(seed)
  const targets = (await createTargets(random)).filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()))
  if (targets.length === 0) throw new Error(`no target is called ${only}`)
  const wheel = targets.flatMap((target) => new Array<FuzzTarget>(target.weight).fill(target))
  const counts = new Map(targets.map(({ name }) => [name, 0]))
  for (let i = 0; i < cases; i++) {
    const target = random.pick(wheel)
    const input = mutate(target.samples, random)
    try {
      target.run(input)
    } catch (error) {
      throw new FuzzFinding(target, input, error)
    }
    counts.set(target.name, (counts.get(target.name) ?? 0) + 1)
    if (i % PROGRESS_EVERY === PROGRESS_EVERY - 1) {
      onProgress?.(i + 1)
      // Timers and the interrupt key get their turn.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return counts
}
