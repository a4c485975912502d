import type { Page } from 'playwright-core'

/** What a browser says of all the sound that has come to it so far (W3C webrtc-stats, inbound-rtp of audio). */
export interface InboundAudio {
  atMs: number
  packetsReceived: number
  packetsLost: number
  /** Lost packets that came after all, because they were asked for again. */
  retransmittedPacketsReceived: number
  /** Redundant blocks that came, whether of use or not. */
  fecPacketsReceived: number
  totalSamplesReceived: number
  concealedSamples: number
  silentConcealedSamples: number
  concealmentEvents: number
  jitterBufferDelayS: number
  jitterBufferEmittedCount: number
  /** UDP payloads of the whole connection, and how many. */
  transportBytes: number
  transportPackets: number
}

/** Reads the newest connection of a page. Streams that nothing has come by yet count as nothing. */
export function readInboundAudio(page: Page): Promise<InboundAudio> {
  return page.evaluate(async () => {
    const rows = [...((await window.engawaHooks.peers.at(-1)?.getStats()) ?? new Map()).values()]
    const inbound = rows.filter((row) => row.type === 'inbound-rtp' && row.packetsReceived > 0)
    const transport = rows.find((row) => row.type === 'transport')
    const sum = (name: string): number => inbound.reduce((total, row) => total + (row[name] ?? 0), 0)
    return {
      atMs: performance.now(),
      packetsReceived: sum('packetsReceived'),
      packetsLost: sum('packetsLost'),
      retransmittedPacketsReceived: sum('retransmittedPacketsReceived'),
      fecPacketsReceived: sum('fecPacketsReceived'),
      totalSamplesReceived: sum('totalSamplesReceived'),
      concealedSamples: sum('concealedSamples'),
      silentConcealedSamples: sum('silentConcealedSamples'),
      concealmentEvents: sum('concealmentEvents'),
      jitterBufferDelayS: sum('jitterBufferDelay'),
      jitterBufferEmittedCount: sum('jitterBufferEmittedCount'),
      transportBytes: transport?.bytesReceived ?? 0,
      transportPackets: transport?.packetsReceived ?? 0,
    }
  })
}

/** What has come between two looks. */
export function inboundBetween(before: InboundAudio, after: InboundAudio): InboundAudio {
  const names = Object.keys(after) as (keyof InboundAudio)[]
  return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as unknown as InboundAudio
}
