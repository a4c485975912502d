import path from 'node:path'
import type { UserConfig } from 'vite'
import { repositoryRoot } from './paths.ts'

/** Where Electron's three bundles go; package.json's `main` names the first. */
export const DESKTOP_OUTPUT_FOLDER = path.join(repositoryRoot, '.vite', 'build')

/**
 * A bundle for Electron's main or utility process: one ES module with all dependencies inside, so that a packaged
 * app carries no node_modules. Written for Node 20 (Electron 33), which is also good for later ones.
 */
export function nodeBundle(name: string, entry: string): UserConfig {
  return {
    root: repositoryRoot,
    publicDir: false,
    ssr: { noExternal: true, external: ['electron'] },
    build: {
      ssr: true,
      target: 'node20',
      outDir: DESKTOP_OUTPUT_FOLDER,
      emptyOutDir: false,
      // Stack traces in the log file stay readable.
      minify: false,
      lib: { entry: { [name]: path.join(repositoryRoot, entry) }, formats: ['es'] },
      rollupOptions: {
        external: ['electron', /^node:/],
        output: { entryFileNames: '[name].mjs', chunkFileNames: `${name}-[name].mjs`, codeSplitting: false },
      },
    },
  }
}
