import type { Page } from 'playwright-core'
import { fromInt16, type Pcm } from '../audio/pcm.ts'

/** Sound with the wall-clock moment (ms since the Unix epoch) of its first sample. */
export interface Captured {
  startedAtMs: number
  pcm: Pcm
}

interface PageHooks {
  peers: RTCPeerConnection[]
  /** The last click in the page, and the first sound heard since; wall clock. */
  moments: { lastClickAtMs: number | null; firstAudibleAtMs: number | null }
  startCapture(what: 'heard' | 'microphone'): number
  stopCapture(): { startedAtMs: number; base64: string }
}

declare global {
  interface Window {
    engawaHooks: PageHooks
  }
}

/**
 * Captures for `lengthMs` what a person hears (all slots, mixed), or what their microphone gives to the
 * sender. This waits in real time: it is the length of the sound, not a sleep.
 */
export async function capture(page: Page, what: 'heard' | 'microphone', lengthMs: number): Promise<Captured> {
  const tracks = await page.evaluate((what) => window.engawaHooks.startCapture(what), what)
  if (tracks === 0) throw new Error(`nothing to capture: no ${what} track in the page`)
  await page.waitForTimeout(lengthMs)
  const { startedAtMs, base64 } = await page.evaluate(() => window.engawaHooks.stopCapture())
  return { startedAtMs, pcm: fromInt16(Buffer.from(base64, 'base64'), 48_000) }
}

/** Both sounds cut to the stretch that they share. */
export function alignByClock(a: Captured, b: Captured): [Pcm, Pcm] {
  const from = Math.max(a.startedAtMs, b.startedAtMs)
  const tail = ({ startedAtMs, pcm }: Captured): Pcm => ({
    sampleRateHz: pcm.sampleRateHz,
    samples: pcm.samples.subarray(Math.round(((from - startedAtMs) * pcm.sampleRateHz) / 1_000)),
  })
  return [tail(a), tail(b)]
}
