import { defineConfig } from 'vitest/config'
import { repositoryRoot } from './paths.ts'

/** Whole-program tests start browsers and wait for real audio. */
const E2E_TIMEOUT_MS = 180_000
/** A unit test that starts a real database takes a second or two on a busy machine. */
const UNIT_TIMEOUT_MS = 30_000

/** Polls wait for events; a busy machine is slow, not wrong. */
const UNIT_POLL_MS = 15_000

const END_TO_END = ['build/e2e/**/*.test.ts', 'electron/e2e/**/*.test.ts']

export default defineConfig({
  root: repositoryRoot,
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{sfu-core,server,renderer,electron,build}/**/*.test.{ts,tsx}'],
          exclude: [...END_TO_END, '**/node_modules/**'],
          testTimeout: UNIT_TIMEOUT_MS,
          hookTimeout: UNIT_TIMEOUT_MS,
          expect: { poll: { timeout: UNIT_POLL_MS } },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          globalSetup: ['build/build-first.ts'],
          include: END_TO_END,
          testTimeout: E2E_TIMEOUT_MS,
          hookTimeout: E2E_TIMEOUT_MS,
          // Two cores, real time: one file after the other.
          fileParallelism: false,
        },
      },
    ],
  },
})
