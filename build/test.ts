/**
 * npm test: everything. `--only unit|e2e|check` runs a part; further arguments go to Vitest.
 * Tests find a browser in CHROMIUM_PATH, or where Debian and Playwright put theirs.
 */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { buildDesktop } from './desktop.ts'
import { repositoryRoot } from './paths.ts'
import { buildWeb } from './web.ts'

const PARTS = ['check', 'unit', 'e2e'] as const
type Part = (typeof PARTS)[number]

const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true })

function isPart(value: string): value is Part {
  return (PARTS as readonly string[]).includes(value)
}

function run(args: string[]): boolean {
  const { status } = spawnSync(process.execPath, args, { cwd: repositoryRoot, stdio: 'inherit' })
  return status === 0
}

async function runPart(part: Part): Promise<boolean> {
  console.log(`\n==== ${part}`)
  if (part === 'check') return run(['build/check.ts'])
  if (part === 'e2e') {
    await buildWeb()
    await buildDesktop()
  }
  const vitest = path.join(repositoryRoot, 'node_modules/vitest/vitest.mjs')
  return run([vitest, 'run', '--config', 'build/vitest.config.ts', '--project', part, ...positionals])
}

const { only } = values
if (only !== undefined && !isPart(only)) {
  console.error(`--only takes one of ${PARTS.join(', ')}; not "${only}".`)
  process.exit(1)
}

const failed: Part[] = []
for (const part of only ? [only] : PARTS) {
  if (!(await runPart(part))) failed.push(part)
}
console.log(failed.length === 0 ? '\nAll parts passed.' : `\nFailed: ${failed.join(', ')}`)
process.exit(failed.length === 0 ? 0 : 1)
