/**
 * npm test: everything. `--only check|unit|database|e2e` runs a part; further arguments go to Vitest.
 * Browsers are found in CHROMIUM_PATH, or where Debian and Playwright put theirs.
 */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { repositoryRoot } from './paths.ts'

const PARTS = ['check', 'unit', 'database', 'e2e'] as const
type Part = (typeof PARTS)[number]

/** A PostgreSQL whose account may create databases: the server's tests run on it once more. */
const { ENGAWA_TEST_DATABASE_URL: foreignDatabaseUrl, ...environment } = process.env

const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true })

function isPart(value: string): value is Part {
  return (PARTS as readonly string[]).includes(value)
}

function run(args: string[], env: NodeJS.ProcessEnv = environment): boolean {
  const { status } = spawnSync(process.execPath, args, { cwd: repositoryRoot, stdio: 'inherit', env })
  return status === 0
}

function runVitest(project: string, filters: string[], env?: NodeJS.ProcessEnv): boolean {
  const vitest = path.join(repositoryRoot, 'node_modules/vitest/vitest.mjs')
  return run([vitest, 'run', '--config', 'build/vitest.config.ts', '--project', project, ...filters], env)
}

/** Runs one part; answers whether it passed. */
function runPart(part: Part): boolean {
  console.log(`\n==== ${part}`)
  switch (part) {
    case 'check':
      return run(['build/check.ts'])
    case 'unit':
      // The server's own tests start it as it is: with the page. (End-to-end tests build by themselves.)
      return run(['build/build.ts']) && runVitest('unit', positionals)
    case 'database':
      if (!foreignDatabaseUrl) {
        console.log('SKIPPED the server on another PostgreSQL: ENGAWA_TEST_DATABASE_URL names none.')
        return true
      }
      return (
        run(['build/build.ts']) &&
        runVitest('unit', ['server/test'], { ...environment, ENGAWA_TEST_DATABASE_URL: foreignDatabaseUrl })
      )
    case 'e2e':
      return runVitest('e2e', positionals)
  }
}

const { only } = values
if (only !== undefined && !isPart(only)) {
  console.error(`--only takes one of ${PARTS.join(', ')}; not "${only}".`)
  process.exit(1)
}

const failed: Part[] = []
const asked: readonly Part[] = only ? [only] : PARTS
for (const part of asked) {
  if (!runPart(part)) failed.push(part)
}
console.log(failed.length === 0 ? '\nAll parts passed.' : `\nFailed: ${failed.join(', ')}`)
console.log(`${asked.length - failed.length} passed, ${failed.length} failed`)
process.exit(failed.length === 0 ? 0 : 1)
