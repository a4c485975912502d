/** The load generator's histogram of delays: bin number to count. */
export type DelayBins = Readonly<Record<string, number>>

/** meter.h: DELAY_BIN_NS; the last of the DELAY_BINS holds all that took longer. */
export const BIN_MS = 0.05

function sortedBins(bins: DelayBins): [bin: number, count: number][] {
  return Object.entries(bins)
    .map(([bin, count]): [number, number] => [Number(bin), count])
    .toSorted(([a], [b]) => a - b)
}

function total(bins: DelayBins): number {
  return Object.values(bins).reduce((sum, count) => sum + count, 0)
}

/** The delay that a share (0 to 1) of packets do not exceed, in ms: the upper edge of its bin; 400 for all above. NaN for none. */
export function delayAt(bins: DelayBins, share: number): number {
  const wanted = Math.max(1, Math.ceil(share * total(bins)))
  let seen = 0
  for (const [bin, count] of sortedBins(bins)) {
    seen += count
    if (seen >= wanted) return (bin + 1) * BIN_MS
  }
  return Number.NaN
}

/** How large a share of packets (0 to 1) took longer than `limitMs`. NaN for none. */
export function shareAbove(bins: DelayBins, limitMs: number): number {
  const above = sortedBins(bins).filter(([bin]) => bin >= Math.round(limitMs / BIN_MS))
  return above.reduce((sum, [, count]) => sum + count, 0) / total(bins)
}

interface Reception {
  packets: number
  lost: number
  firstFrame: DelayBins
}

/** A packet is late when it comes more than this after it should. */
export const LATE_MS = 20

/**
 * The share of packets that were late or never came. A packet of `packetMs` is due when its last frame has been
 * said: `packetMs` - 20 ms after its first one was sent, whether it is full or was sent early. The moment of
 * sending travels in the frame, so there is no baseline to guess; the listeners' packets are examined by sample.
 */
export function lateShare(reception: Reception, packetMs: number): number {
  const late = shareAbove(reception.firstFrame, packetMs - 20 + LATE_MS)
  const sent = reception.packets + reception.lost
  return (late * reception.packets + reception.lost) / sent
}
