/** npm run fuzz -- [--cases N] [--seed N] [--only NAME]: broken input for everything that strangers' bytes reach; for the night. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { FuzzFinding, fuzz } from './fuzz.ts'

const NIGHTLY_CASES = 10_000_000

const { values } = parseArgs({
  options: { cases: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
})
const cases = Number(values.cases ?? NIGHTLY_CASES)
const seed = Number(values.seed ?? Date.now() % 2 ** 32)
if (!Number.isInteger(cases) || !Number.isInteger(seed) || cases < 1) {
  process.stderr.write('--cases and --seed take whole numbers.\n')
  process.exit(1)
}

const startedAtMs = performance.now()
const rssMb = () => Math.round(process.memoryUsage.rss() / 2 ** 20)
process.stdout.write(`seed ${seed}, ${cases} cases, ${rssMb()} MB\n`)
try {
  const counts = await fuzz({
    seed,
    cases,
    only: values.only,
    onProgress: (done) => {
      if (done % 1_000_000 === 0) {
        const seconds = Math.round((performance.now() - startedAtMs) / 1_000)
        process.stdout.write(`${done} cases, ${seconds} s, ${rssMb()} MB\n`)
      }
    },
  })
  for (const [name, count] of counts) process.stdout.write(`${name}: ${count} cases, nothing found\n`)
  process.stdout.write(`${rssMb()} MB\n`)
} catch (error) {
  if (!(error instanceof FuzzFinding)) throw error
  process.stderr.write(`seed ${seed}: ${error.message}\n${error.stack ?? ''}\n`)
  process.exitCode = 1
}
