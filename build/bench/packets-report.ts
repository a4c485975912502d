import { type AudiencePacketMs, DEFAULT_AUDIENCE_PACKET_MS } from '../../sfu-core/contract/media.ts'
import { type Bar, type BenchReport, barAtMost, round } from './report.ts'

/** One cell of the table. */
export interface PacketsRow {
  packetMs: AudiencePacketMs
  /** To the node and back, beside what the machine takes. */
  roundTripMs: number
  lossPercent: number
  protection: ProtectionName
  /** Of the sound's samples, those made up while there was sound. Made-up silence is the pauses of speech. */
  concealedPercent: number
  concealmentEventsPerMinute: number
  jitterBufferMs: number
  /** Down, everything: IPv4 and UDP headers, SRTP, RTCP, what came again. */
  kbps: number
}

/** What a listener negotiated against loss: retransmissions (RFC 4585), redundancy (RFC 2198). */
export type ProtectionName = 'none' | 'nack' | 'red' | 'both'

/** What a listener on a good line may miss. */
const GOAL_CONCEALED_PERCENT = 0.1
/** What is promised where 3 % of the packets are lost. */
const GOAL_CONCEALED_AT_LOSS_PERCENT = 1
const PROMISED_LOSS_PERCENT = 3
/** The jitter buffer may be this much longer than with 20 ms packets, beside the length of the packets themselves. */
const GOAL_JITTER_RATIO = 1.5
const SHORTEST_MS = 20

/** The table and the bars. The product as it is: the default packet length, NACK and RED both negotiated. */
export function packetsReport(rows: PacketsRow[]): BenchReport {
  return { bench: 'packets', rows: rows.map(rounded), bars: barsOf(rows) }
}

function rounded(row: PacketsRow): Record<string, string | number> {
  return {
    packetMs: row.packetMs,
    roundTripMs: row.roundTripMs,
    lossPercent: row.lossPercent,
    protection: row.protection,
    concealedPercent: round(row.concealedPercent, 3),
    concealmentEventsPerMinute: round(row.concealmentEventsPerMinute),
    jitterBufferMs: round(row.jitterBufferMs),
    kbps: round(row.kbps),
  }
}

function barsOf(rows: PacketsRow[]): Bar[] {
  const asProduct = rows.filter(({ protection }) => protection === 'both')
  const near = (packetMs: number, lossPercent: number) =>
    pick(asProduct, (row) => row.packetMs === packetMs && row.roundTripMs === 0 && row.lossPercent === lossPercent)
  const calm = near(DEFAULT_AUDIENCE_PACKET_MS, 0)
  const lossy = near(DEFAULT_AUDIENCE_PACKET_MS, PROMISED_LOSS_PERCENT)
  const far = pick(asProduct, (row) => row.roundTripMs > 0 && row.lossPercent === PROMISED_LOSS_PERCENT)
  const jitterLimitMs =
    GOAL_JITTER_RATIO * near(SHORTEST_MS, 0).jitterBufferMs + (DEFAULT_AUDIENCE_PACKET_MS - SHORTEST_MS)
  return [
    barAtMost(`concealed at ${DEFAULT_AUDIENCE_PACKET_MS} ms without loss`, round(calm.concealedPercent, 3), {
      goal: GOAL_CONCEALED_PERCENT,
      unit: '%',
    }),
    barAtMost(
      `concealed at ${DEFAULT_AUDIENCE_PACKET_MS} ms with ${PROMISED_LOSS_PERCENT} % loss`,
      round(lossy.concealedPercent, 3),
      { goal: GOAL_CONCEALED_AT_LOSS_PERCENT, unit: '%' },
    ),
    barAtMost(
      `concealed at ${far.packetMs} ms with ${PROMISED_LOSS_PERCENT} % loss, ${far.roundTripMs} ms there and back`,
      round(far.concealedPercent, 3),
      { goal: GOAL_CONCEALED_AT_LOSS_PERCENT, unit: '%' },
    ),
    barAtMost(`jitter buffer at ${DEFAULT_AUDIENCE_PACKET_MS} ms without loss`, round(calm.jitterBufferMs), {
      goal: round(jitterLimitMs),
      unit: 'ms',
    }),
  ]
}

function pick(rows: PacketsRow[], is: (row: PacketsRow) => boolean): PacketsRow {
  const row = rows.find(is)
  if (!row) throw new Error('a bar needs a row that was not measured')
  return row
}
