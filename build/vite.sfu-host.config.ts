import { defineConfig } from 'vite'
import { nodeBundle } from './desktop-bundle.ts'

export default defineConfig(nodeBundle('sfu-host', 'electron/sfu-host/index.ts'))
