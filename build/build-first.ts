import { execFileSync } from 'node:child_process'
import { repositoryRoot } from './paths.ts'

/**
 * Vitest's global setup: no test meets a page or a desktop bundle older than its sources. In a process of its own,
 * without Vitest's NODE_ENV=test, which would make Vite bundle React for development.
 */
export function setup(): void {
  const { NODE_ENV: _test, ...env } = process.env
  execFileSync(process.execPath, ['build/build.ts'], { cwd: repositoryRoot, env, stdio: 'inherit' })
}
