import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { findElectron } from './desktop.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe.runIf(process.platform === 'linux')('on Linux', () => {
  test('without a screen it says so in one sentence', async () => {
    vi.stubEnv('DISPLAY', '')
    vi.stubEnv('WAYLAND_DISPLAY', '')
    expect(await findElectron()).toEqual({ found: false, why: expect.stringMatching(/^[^.]*no screen[^.]*\.$/) })
  })

  test('for root it says so in one sentence', async () => {
    vi.stubEnv('DISPLAY', ':0')
    vi.spyOn(process, 'getuid').mockReturnValue(0)
    expect(await findElectron()).toEqual({ found: false, why: expect.stringMatching(/^[^.]*root\.$/) })
  })

  test('ELECTRON_OVERRIDE_DIST_PATH is taken, or named where it is wrong', async () => {
    vi.stubEnv('DISPLAY', ':0')
    vi.spyOn(process, 'getuid').mockReturnValue(1000)
    const folder = mkdtempSync(path.join(tmpdir(), 'engawa-electron-'))
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', folder)
    expect(await findElectron()).toMatchObject({ found: false, why: expect.stringContaining(folder) })
    const executable = path.join(folder, 'electron')
    writeFileSync(executable, '')
    chmodSync(executable, 0o755)
    expect(await findElectron()).toEqual({ found: true, executable })
  })
})
