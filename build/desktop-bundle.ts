import path from 'node:path'
import type { Plugin, UserConfig } from 'vite'
import { repositoryRoot } from './paths.ts'

/** Where Electron's bundles go; package.json's `main` names the first. */
export const DESKTOP_OUTPUT_FOLDER = path.join(repositoryRoot, '.vite', 'build')

/**
 * A bundle for Electron's main or utility process: one ES module with all dependencies inside, so that a packaged
 * app carries no node_modules (but for `external`). Written for Node 20 (Electron 33), which is also good for later ones.
 */
export function nodeBundle(name: string, entry: string, more: { external?: RegExp[] } = {}): UserConfig {
  return {
    root: repositoryRoot,
    publicDir: false,
    ssr: { noExternal: true, external: ['electron'] },
    plugins: [mixThreadsBeside()],
    build: {
      ssr: true,
      target: 'node20',
      outDir: DESKTOP_OUTPUT_FOLDER,
      emptyOutDir: false,
      // Stack traces in the log file stay readable.
      minify: false,
      lib: { entry: { [name]: path.join(repositoryRoot, entry) }, formats: ['es'] },
      rollupOptions: {
        external: ['electron', /^node:/, ...(more.external ?? [])],
        output: { entryFileNames: '[name].mjs', chunkFileNames: `${name}-[name].mjs`, codeSplitting: false },
      },
    },
  }
}

/** FFmpeg, with its native library: not to be bundled. */
export const FFMPEG_PACKAGE = /^node-av(?:\/|$)/

/** The mix's threads are started from a file of their own: in the bundle from one beside it. */
function mixThreadsBeside(): Plugin {
  return {
    name: 'engawa:mix-threads',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('sfu-core/studio/mix/mix-threads.ts')) return null
      const bundled = code.replace("'./mix-worker.ts'", "'./mix-worker.mjs'")
      if (bundled === code) throw new Error('mix-threads.ts no longer starts ./mix-worker.ts')
      return bundled
    },
  }
}
