import type { Page } from 'playwright-core'

declare global {
  interface Window {
    engawaPeers: RTCPeerConnection[]
  }
}

/** Runs in the page before its own scripts. Self-contained: it is sent as text. */
export function installPeerHook(): void {
  const peers: RTCPeerConnection[] = []
  const Native = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      peers.push(this)
    }
  }
  window.engawaPeers = peers
}

export function peerCount(page: Page): Promise<number> {
  return page.evaluate(() => window.engawaPeers.length)
}

/** The page is asked this often: finer than what is measured with it. */
const ASK_EVERY_MS = 40
/** W3C webrtc-stats: sum of squared amplitudes times seconds; speech at -30 dBFS gives this much in 0.1 s. */
const SPEECH_ENERGY = 1e-4

/**
 * Resolves when speech is heard over a connection that is younger than the first `olderPeers` ones: packets have come
 * and were played with a loudness that comfort noise does not have.
 */
export async function hearsSpeech(page: Page, options: { olderPeers: number; timeoutMs: number }): Promise<void> {
  const deadlineMs = performance.now() + options.timeoutMs
  for (;;) {
    const { packets, energy } = await heardOver(page, options.olderPeers)
    if (packets > 0 && energy > SPEECH_ENERGY) return
    if (performance.now() > deadlineMs) throw new Error(`no speech: ${packets} packets, energy ${energy}`)
    await page.waitForTimeout(ASK_EVERY_MS)
  }
}

function heardOver(page: Page, olderPeers: number): Promise<{ packets: number; energy: number }> {
  return page.evaluate(async (older) => {
    const peer = window.engawaPeers.slice(older).at(-1)
    const stats = peer ? [...(await peer.getStats()).values()].filter((entry) => entry.type === 'inbound-rtp') : []
    const sum = (key: string) => stats.reduce((total, entry) => total + (Number(entry[key]) || 0), 0)
    return { packets: sum('packetsReceived'), energy: sum('totalAudioEnergy') }
  }, olderPeers)
}
