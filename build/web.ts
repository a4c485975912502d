import path from 'node:path'
import { build } from 'vite'
import { repositoryRoot } from './paths.ts'
import { runIfStale } from './stale.ts'

/** Builds the web client into dist/web where its sources changed. Answers whether it had to. */
export function buildWeb(): Promise<boolean> {
  return runIfStale({
    name: 'web',
    inputs: ['renderer', 'server/contract', 'sfu-core/contract', 'electron/contract', 'package-lock.json'],
    output: 'dist/web/index.html',
    run: async () => {
      await build({ configFile: path.join(repositoryRoot, 'renderer/vite.config.ts'), logLevel: 'warn' })
    },
  })
}
