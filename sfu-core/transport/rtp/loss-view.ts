import type { ReportBlock } from './rtcp.ts'

/**
 * When a listener is sent RED (RFC 2198), by what their receiver reports and NACKs tell. Redundancy doubles the bytes of
 * a listener, so it is for those who lose packets; once given it stays until the path has been clean for a while, so that a path
 * at the edge does not go to and fro. 2 % of 20 ms packets is one concealed gap in each second of talk.
 */
export const LOSS_VIEW = {
  /** Lost in two reports in a row: RED. */
  onFraction: 0.02,
  /** Lost in one report: RED at once, if it is not just bad luck with few packets. */
  atOnceFraction: 0.05,
  atOncePackets: 4,
  /** A report with less counts as clean. In 10 s of 60 ms packets (166) that is not one lost. */
  cleanFraction: 0.005,
  /** Clean for so long, two or three reports: no RED. A path with 2 % random loss looks so clean once in thirty times. */
  offAfterMs: 10_000,
  /** A report on fewer packets is put together with the next one: 0.5 s of 20 ms packets, 1.5 s of 60 ms. */
  minPackets: 25,
  /**
   * Separate losses that NACKs name among `nackSpanPackets` packets: RED without waiting for reports, which browsers send
   * every 5 s (RFC 3550 §6.2) for audio. 3 of 150 is onFraction. Packets lost in a row are one loss: RED mends only the last of them.
   */
  nackLosses: 3,
  nackSpanPackets: 150,
} as const

/** What one outgoing stream's reports and NACKs said last. */
interface Stream {
  hasReport: boolean
  highestSequence: number
  cumulativeLost: number
  /** Sequence numbers where the latest separate losses began, newest last. */
  losses: number[]
  /** -1 before the first. */
  lastNacked: number
}

export class LossView {
  /** Whether the listener is to be sent RED where it is negotiated. */
  wantsRed = false
  /** Share of packets lost on their way in the last interval of reports, 0 to 1, whether retransmission made up for it or not. */
  fraction = 0
  /** The same in packets, since the first report, all streams. */
  packetsLost = 0
  readonly #ssrcs: readonly number[]
  readonly #streams: (Stream | undefined)[] = []
  #expected = 0
  #lost = 0
  /** Asked for again. A retransmission that arrives is no loss to the reports (RFC 3550 §6.4.1). */
  #nacked = 0
  #isSecondBad = false
  #lastBadAtMs = 0

  /** @param ssrcs of our streams to this peer: blocks about others are not believed. */
  constructor(ssrcs: readonly number[]) {
    this.#ssrcs = ssrcs
  }

  /** `onReportsEnd` follows when all blocks of the compound packet were read. */
  onReportBlock(block: ReportBlock): void {
    const stream = this.#stream(block.ssrc)
    if (!stream) return
    if (stream.hasReport) {
      const packets = (block.extendedHighestSequence - stream.highestSequence) | 0
      // Reports may overtake each other; they say nothing new then.
      if (packets < 0) return
      this.#count(packets, block.cumulativeLost - stream.cumulativeLost)
    } else if (block.fractionLost > 0 && block.cumulativeLost > 0) {
      // The first: both figures are since its beginning, and tell how many packets that was.
      this.#count(Math.round((block.cumulativeLost * 256) / block.fractionLost), block.cumulativeLost)
    }
    stream.hasReport = true
    stream.highestSequence = block.extendedHighestSequence
    stream.cumulativeLost = block.cumulativeLost
  }

  /** A late or repeated packet makes what is lost less; more cannot be lost than was sent. */
  #count(packets: number, lost: number): void {
    this.#expected += packets
    this.#lost += Math.min(lost, packets)
  }

  onReportsEnd(nowMs: number): void {
    if (this.#expected < LOSS_VIEW.minPackets) return
    const lost = Math.min(this.#expected, Math.max(0, this.#lost, this.#nacked))
    this.packetsLost += lost
    this.fraction = lost / this.#expected
    this.#expected = 0
    this.#lost = 0
    this.#nacked = 0
    this.#judge(lost, nowMs)
  }

  #judge(lost: number, nowMs: number): void {
    const { onFraction, atOnceFraction, atOncePackets, cleanFraction, offAfterMs } = LOSS_VIEW
    if (this.fraction >= cleanFraction) this.#lastBadAtMs = nowMs
    const isBad = this.fraction >= onFraction
    const isTerrible = this.fraction >= atOnceFraction && lost >= atOncePackets
    if (isTerrible || (isBad && this.#isSecondBad)) this.wantsRed = true
    else if (nowMs - this.#lastBadAtMs >= offAfterMs) this.wantsRed = false
    this.#isSecondBad = isBad
  }

  /** Sequence numbers as `readRtcp` gives them: of one stream, ascending. */
  onNack(ssrc: number, sequenceNumbers: readonly number[], nowMs: number): void {
    const stream = this.#stream(ssrc)
    if (!stream) return
    for (const sequenceNumber of sequenceNumbers) if (isNewLoss(stream, sequenceNumber)) this.#nacked += 1
    const { nackLosses, nackSpanPackets } = LOSS_VIEW
    const [oldest = 0] = stream.losses
    if (stream.losses.length === nackLosses && ((stream.lastNacked - oldest) & 0xffff) <= nackSpanPackets) {
      this.wantsRed = true
      this.#lastBadAtMs = nowMs
    }
  }

  #stream(ssrc: number): Stream | undefined {
    const index = this.#ssrcs.indexOf(ssrc)
    if (index < 0) return undefined
    this.#streams[index] ??= { hasReport: false, highestSequence: 0, cumulativeLost: 0, losses: [], lastNacked: -1 }
    return this.#streams[index]
  }
}

/** False for a packet that is asked for once more. One that follows a lost one is no separate loss. */
function isNewLoss(stream: Stream, sequenceNumber: number): boolean {
  const ahead = stream.lastNacked < 0 ? 2 : (sequenceNumber - stream.lastNacked) & 0xffff
  if (ahead === 0 || ahead >= 0x8000) return false
  stream.lastNacked = sequenceNumber
  if (ahead > 1) {
    stream.losses.push(sequenceNumber)
    if (stream.losses.length > LOSS_VIEW.nackLosses) stream.losses.shift()
  }
  return true
}
