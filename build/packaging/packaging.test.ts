import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from '../paths.ts'
import { APP_ID, DESKTOP_FUSES, isPackaged, MICROPHONE_REASON, UNPACKED } from './packaging.ts'

test('electron-builder.yml agrees with what Forge is given', () => {
  const builder = readFileSync(path.join(repositoryRoot, 'build/electron-builder.yml'), 'utf8')
  for (const [name, on] of Object.entries(DESKTOP_FUSES))
    expect(builder).toContain(`  ${name[0]?.toLowerCase()}${name.slice(1)}: ${on}\n`)
  expect(builder).toContain(`  - .vite/build/${UNPACKED.files}\n  - ${UNPACKED.folder}/**\n`)
  expect(builder).toContain(`appId: ${APP_ID}\n`)
  expect(builder).toContain(`NSMicrophoneUsageDescription: ${MICROPHONE_REASON}\n`)
})

test.each([
  '',
  '/package.json',
  '/.vite',
  '/.vite/build',
  '/.vite/build/main.mjs',
  '/dist',
  '/dist/web/assets/a.js',
  '/node_modules',
  '/node_modules/node-av/dist/lib/index.js',
  '/node_modules/@seydx/node-av-linux-x64/node-av.node',
])('%j is packaged', (file) => expect(isPackaged(file)).toBe(true))

test.each([
  '/node_modules/node-av/node_modules',
  '/node_modules/ws',
  '/package-lock.json',
  '/data',
  '/dist/other',
  '/electron/main',
  '/.env',
])('%s is not packaged', (file) => expect(isPackaged(file)).toBe(false))
