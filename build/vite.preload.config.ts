import { readFileSync } from 'node:fs'
import path from 'node:path'
import { defineConfig } from 'vite'
import { DESKTOP_OUTPUT_FOLDER } from './desktop-bundle.ts'
import { repositoryRoot } from './paths.ts'

const { version } = JSON.parse(readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8')) as { version: string }

/** The preload script runs in Chromium's sandbox: one CommonJS file without Node. Chromium 130 is Electron 33's. */
export default defineConfig({
  root: repositoryRoot,
  publicDir: false,
  define: { __APP_VERSION__: JSON.stringify(version) },
  build: {
    target: 'chrome130',
    outDir: DESKTOP_OUTPUT_FOLDER,
    emptyOutDir: false,
    minify: false,
    rollupOptions: {
      input: { preload: path.join(repositoryRoot, 'electron/preload/index.ts') },
      external: ['electron'],
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
})
