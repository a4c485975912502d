import { afterEach, describe, expect, it, vi } from 'vitest'
import { openMicrophone } from './browser-microphones.ts'

afterEach(() => vi.unstubAllGlobals())

describe('openMicrophone', () => {
  it('gives a granted device back if it cannot be used', async () => {
    const track = { stop: vi.fn(), getSettings: () => ({}), addEventListener: vi.fn() }
    vi.stubGlobal('window', { isSecureContext: true })
    vi.stubGlobal('navigator', {
      mediaDevices: { getUserMedia: async () => ({ getAudioTracks: () => [track] }) },
    })
    vi.stubGlobal('MediaStream', class {})
    vi.stubGlobal(
      'AudioContext',
      class {
        constructor() {
          throw new Error('no more audio contexts')
        }
      },
    )
    expect(await openMicrophone(null)).toMatchObject({ ok: false })
    expect(track.stop).toHaveBeenCalledOnce()
  })
})
