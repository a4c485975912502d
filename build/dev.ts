import path from 'node:path'
import { createServer } from 'vite'
import { repositoryRoot } from './paths.ts'
import type { Running } from './supervise.ts'

/** Serves the page from its sources with hot reload; /api goes to the server that runs already. */
export async function startDevPage(serverUrl: string): Promise<Running> {
  process.env['ENGAWA_SERVER_URL'] = serverUrl
  const vite = await createServer({ configFile: path.join(repositoryRoot, 'renderer/vite.config.ts') })
  await vite.listen()
  vite.printUrls()
  const ended = Promise.withResolvers<number>()
  return {
    exited: ended.promise,
    stop: async () => {
      await vite.close()
      ended.resolve(0)
    },
  }
}
