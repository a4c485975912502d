/** npm run check: types, lint and format, import cycles, unused code. Each with its own report. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { repositoryRoot } from './paths.ts'

const STEPS = [
  { name: 'types', command: 'tsc', args: ['-b'] },
  { name: 'lint, format and import borders', command: 'biome', args: ['check', '--error-on-warnings'] },
  { name: 'import cycles', command: 'oxlint', args: ['--import-plugin', '--allow=all', '--deny=import/no-cycle', '.'] },
  { name: 'unused code', command: 'knip', args: ['--config', 'build/knip.jsonc'] },
]

const failed = STEPS.filter(({ name, command, args }) => {
  console.log(`\n== ${name}`)
  const file = path.join(repositoryRoot, 'node_modules/.bin', command)
  const isWindows = process.platform === 'win32'
  // Windows runs .cmd files by its shell only, which wants paths with spaces quoted.
  const { status } = spawnSync(isWindows ? `"${file}"` : file, args, {
    cwd: repositoryRoot,
    stdio: 'inherit',
    shell: isWindows,
  })
  return status !== 0
})
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.map((step) => step.name).join(', ')}`)
process.exit(failed.length === 0 ? 0 : 1)
