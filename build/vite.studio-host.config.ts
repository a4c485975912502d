import { defineConfig } from 'vite'
import { FFMPEG_PACKAGE, nodeBundle } from './desktop-bundle.ts'

export default defineConfig(nodeBundle('studio-host', 'electron/studio-host/index.ts', { external: [FFMPEG_PACKAGE] }))
