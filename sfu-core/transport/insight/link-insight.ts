import { OPUS_CLOCK_RATE_HZ } from '../../contract/media.ts'
import { LossView } from '../rtp/loss-view.ts'
import type { ReceptionFigures } from '../rtp/reception.ts'
import { RoundTrip } from '../rtp/round-trip.ts'
import type { ReportBlock } from '../rtp/rtcp.ts'
import { LinkCounters } from './counters.ts'

export type LinkState = 'connecting' | 'connected' | 'disconnected' | 'closed'

/** What is known about one link; all plain data. */
export interface LinkDump {
  /** Names the link among those of its node. */
  id: string
  state: LinkState
  /** Null before the first receiver report. */
  roundTripMs: number | null
  /** Toward the participant, as their receiver reports tell. */
  down: {
    lossFraction: number
    packetsLost: number
    /** Null before the first receiver report. */
    jitterMs: number | null
    wantsRed: boolean
  }
  /** Their microphone, as it arrives here; null before it has sent. */
  up: ReceptionFigures | null
  /** In the packet dump; null without one. */
  dumpedAs: string | null
  counters: { [Name in keyof LinkCounters]: LinkCounters[Name] }
}

/**
 * All that a link learns about its path. What the listener had to conceal is not among it: browsers send no XR blocks that
 * could tell (RFC 3611 §4.7 is for that), and RR and SR tell loss and jitter only. The page has it from getStats.
 */
export class LinkInsight {
  readonly counters = new LinkCounters()
  readonly roundTrip = new RoundTrip()
  readonly loss: LossView
  #jitterMs: number | null = null

  /** @param ssrcs of our streams to this peer. */
  constructor(ssrcs: readonly number[]) {
    this.loss = new LossView(ssrcs)
  }

  /** `wallClockMs`: of NtpClock. */
  onReportBlock(block: ReportBlock, wallClockMs: number): void {
    this.roundTrip.onReportBlock(block, wallClockMs)
    this.loss.onReportBlock(block)
    this.#jitterMs = (block.jitter * 1000) / OPUS_CLOCK_RATE_HZ
  }

  onNack(ssrc: number, sequenceNumbers: readonly number[], nowMs: number): void {
    this.counters.nacked += sequenceNumbers.length
    this.loss.onNack(ssrc, sequenceNumbers, nowMs)
  }

  dump(link: Pick<LinkDump, 'id' | 'state' | 'up' | 'dumpedAs'>): LinkDump {
    const { fraction, packetsLost, wantsRed } = this.loss
    return {
      ...link,
      roundTripMs: this.roundTrip.ms,
      down: { lossFraction: fraction, packetsLost, jitterMs: this.#jitterMs, wantsRed },
      counters: { ...this.counters },
    }
  }
}
