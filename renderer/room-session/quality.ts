import type { PeerStats } from './ports.ts'

/** The connection in words. */
export type Quality =
  | { readonly grade: 'unknown' }
  | { readonly grade: 'good' }
  | { readonly grade: 'fair' | 'poor'; readonly trouble: Trouble }

/** What is wrong: packets that come (or go) missing, that come unevenly, or that take long. */
type Trouble = 'loss-in' | 'loss-out' | 'jitter' | 'delay'

/** One stretch between two looks at the counters. */
export interface QualitySample {
  /** 0 to 1. */
  readonly lossIn: number
  readonly lossOut: number
  readonly jitterMs: number
  readonly roundTripMs: number
}

/**
 * From which value a connection is only fair, or poor. Opus with in-band FEC hides about 2 to 3 % loss; conversation
 * suffers from 300 ms round trip and is hard at 600 (ITU-T G.114: 150 and 400 ms one way, codec and buffers included).
 */
const QUALITY_LIMITS = {
  lossIn: { fair: 0.03, poor: 0.1 },
  lossOut: { fair: 0.03, poor: 0.1 },
  jitterMs: { fair: 40, poor: 100 },
  roundTripMs: { fair: 300, poor: 600 },
} as const

const TROUBLES: readonly [keyof QualitySample, Trouble][] = [
  ['lossIn', 'loss-in'],
  ['lossOut', 'loss-out'],
  ['jitterMs', 'jitter'],
  ['roundTripMs', 'delay'],
]

/** The worst of a sample decides. */
export function gradeOf(sample: QualitySample): Quality {
  return worst(sample, 'poor') ?? worst(sample, 'fair') ?? { grade: 'good' }
}

function worst(sample: QualitySample, grade: 'fair' | 'poor'): Quality | null {
  const found = TROUBLES.find(([key]) => sample[key] >= QUALITY_LIMITS[key][grade])
  return found === undefined ? null : { grade, trouble: found[1] }
}

/** The stretch between two looks; null where nothing was to be received in it. */
export function sampleBetween(before: PeerStats, after: PeerStats): QualitySample | null {
  let received = 0
  let lost = 0
  let jitterMs = 0
  after.slots.forEach((slot, index) => {
    const earlier = before.slots[index]
    const slotReceived = slot.packetsReceived - (earlier?.packetsReceived ?? 0)
    if (slotReceived <= 0) return
    received += slotReceived
    // A late packet lowers the count of lost ones (RFC 3550 §6.4.1): never below zero here.
    lost += Math.max(0, slot.packetsLost - (earlier?.packetsLost ?? 0))
    jitterMs = Math.max(jitterMs, slot.jitterMs)
  })
  if (received === 0 && after.roundTripMs === null) return null
  return {
    lossIn: received === 0 ? 0 : lost / (received + lost),
    lossOut: after.uplinkFractionLost ?? 0,
    jitterMs,
    roundTripMs: after.roundTripMs ?? 0,
  }
}
