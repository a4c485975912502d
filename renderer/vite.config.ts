import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'

const DEFAULT_SERVER_URL = 'http://127.0.0.1:8420'

/**
 * The page, for browsers and for the desktop window alike; run it from the repository's root. Everything is a
 * file of its own (no inlined scripts, styles or images), so that the server's Content-Security-Policy can be strict.
 */
export default defineConfig(({ mode }) => ({
  root: 'renderer',
  base: '/',
  plugins: [react()],
  // tape/worker loads libFLAC only when there is something to encode.
  worker: { format: 'es' },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // Electron 33 has Chromium 130; the others are the first with light-dark() and Intl.Segmenter.
    target: ['chrome130', 'edge130', 'firefox128', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_500,
  },
  server: {
    port: 8430,
    proxy: {
      // loadEnv also reads the environment of the process.
      '/api': { target: loadEnv(mode, '.', 'ENGAWA_').ENGAWA_SERVER_URL ?? DEFAULT_SERVER_URL, ws: true },
    },
  },
}))
