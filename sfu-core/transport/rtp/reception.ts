import { OPUS_CLOCK_RATE_HZ } from '../../contract/media.ts'
import type { ReceivedSenderReport, ReportBlock } from './rtcp.ts'

/** How a microphone's packets arrive. */
export interface ReceptionFigures {
  packets: number
  lost: number
  jitterMs: number
}

/** What an RR says about one incoming stream (RFC 3550 appendix A.3 and A.8). */
export class ReceptionStatistics {
  readonly ssrc: number
  #baseSequence: number
  #highestSequence: number
  #cycles = 0
  #received = 0
  #expectedBefore = 0
  #receivedBefore = 0
  #transit: number | null = null
  #jitter = 0
  #senderReport: { compactNtp: number; atMs: number } | null = null

  constructor(ssrc: number, firstSequence: number) {
    this.ssrc = ssrc
    this.#baseSequence = firstSequence
    this.#highestSequence = firstSequence
  }

  onPacket(sequenceNumber: number, timestamp: number, arrivalMs: number): void {
    this.#received += 1
    const ahead = (sequenceNumber - this.#highestSequence) & 0xffff
    if (ahead !== 0 && ahead < 0x8000) {
      if (sequenceNumber < this.#highestSequence) this.#cycles += 1
      this.#highestSequence = sequenceNumber
    }
    const transit = (Math.round((arrivalMs * OPUS_CLOCK_RATE_HZ) / 1000) - timestamp) | 0
    if (this.#transit !== null) this.#jitter += (Math.abs((transit - this.#transit) | 0) - this.#jitter) / 16
    this.#transit = transit
  }

  /**
   * A packet arrived and was not decrypted because nobody is to hear it. It counts as received and changes nothing else: what it
   * says of itself is not authenticated.
   */
  onPassedOver(): void {
    this.#received += 1
  }

  onSenderReport(report: ReceivedSenderReport, atMs: number): void {
    this.#senderReport = { compactNtp: report.compactNtp, atMs }
  }

  /** Since the beginning, for a dump. */
  figures(): ReceptionFigures {
    const lost = Math.max(0, this.#expected() - this.#received)
    return { packets: this.#received, lost, jitterMs: (this.#jitter * 1000) / OPUS_CLOCK_RATE_HZ }
  }

  #extendedHighest(): number {
    return this.#cycles * 65536 + this.#highestSequence
  }

  #expected(): number {
    return this.#extendedHighest() - this.#baseSequence + 1
  }

  /** Also begins the next interval. */
  report(nowMs: number): ReportBlock {
    const expected = this.#expected()
    const expectedNow = expected - this.#expectedBefore
    const lostNow = expectedNow - (this.#received - this.#receivedBefore)
    this.#expectedBefore = expected
    this.#receivedBefore = this.#received
    return {
      ssrc: this.ssrc,
      fractionLost: expectedNow > 0 && lostNow > 0 ? Math.min(255, Math.floor((lostNow * 256) / expectedNow)) : 0,
      cumulativeLost: expected - this.#received,
      extendedHighestSequence: this.#extendedHighest(),
      jitter: Math.round(this.#jitter),
      lastSenderReport: this.#senderReport?.compactNtp ?? 0,
      delaySinceLastSenderReport: this.#senderReport
        ? Math.round(((nowMs - this.#senderReport.atMs) * 65536) / 1000)
        : 0,
    }
  }
}
