import { defineConfig } from 'vite'
import { FFMPEG_PACKAGE, nodeBundle } from './desktop-bundle.ts'

export default defineConfig(
  nodeBundle('mix-worker', 'electron/studio-host/mix-worker.ts', { external: [FFMPEG_PACKAGE] }),
)
