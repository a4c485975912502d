import { defineConfig } from 'vite'
import { nodeBundle } from './desktop-bundle.ts'

export default defineConfig(nodeBundle('main', 'electron/main/index.ts'))
