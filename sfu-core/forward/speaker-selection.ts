import { FRAME_MS } from '../contract/media.ts'

/**
 * Which voices are heard: the choice of speakers for the fixed slots. Pure; the owner brings the time.
 *
 * With no more senders than slots everybody keeps a slot from the first packet on, silent or not, so that no word
 * loses its beginning. Only where more people send than there are slots does loudness decide.
 */
export const SELECTION = {
  /** RFC 6464 level up to which a packet counts as voice. Suppressed noise is below -70 dBov, quiet speech above -60. */
  voiceDbov: 65,
  /** Share of the way to a louder level that 20 ms go, and to a quieter one: quick to rise, slow to fall. */
  rise: 0.6,
  fall: 0.06,
  /** A holder without voice for this long gives way to a voice: longer than the pauses between words. */
  quietAfterMs: 600,
  /** Three people talk over each other: a fourth must be louder by this much than the quietest of them ... */
  louderByDb: 6,
  /** ... who has had the slot for at least this long. */
  heldForMs: 1_500,
  /** A holder that sends nothing for this long has left the slot; DTX sends at least every 400 ms. */
  absentAfterMs: 2_000,
} as const

interface Speaker {
  readonly number: number
  slot: number | null
  /** The slot that was had last: taken again if free, so that a listener's order stays. */
  lastSlot: number | null
  /** Smoothed, 0 (silence) to 127 (loudest). */
  loudness: number
  packetAtMs: number
  voiceAtMs: number
  tookSlotAtMs: number
}

export class SpeakerSelection {
  readonly #holders: (Speaker | null)[]
  readonly #speakers = new Map<number, Speaker>()

  constructor(slotCount: number) {
    this.#holders = Array.from({ length: slotCount }, () => null)
  }

  /** Speaker numbers by slot, null for a free one. */
  get holders(): (number | null)[] {
    return this.#holders.map((holder) => holder?.number ?? null)
  }

  /**
   * Whether `onPacket` could give a slot for a packet with this level. Changes nothing, and is asked before a packet is known to
   * be genuine. Generous: a level is smoothed when it counts, so a loud packet is worth opening even if it does not win at once.
   */
  couldBeHeard(speakerNumber: number, levelDbov: number | null, nowMs: number): boolean {
    const speaker = this.#speakers.get(speakerNumber)
    if (speaker && speaker.slot !== null) return true
    for (let slot = 0; slot < this.#holders.length; slot++) if (this.#isFree(slot, nowMs)) return true
    const loudness = loudnessOf(levelDbov)
    return isVoice(levelDbov) && this.#slotToWin(Math.max(loudness, speaker?.loudness ?? 0), nowMs) !== null
  }

  /**
   * A packet of an audible speaker. `levelDbov` as in RFC 6464, null where the sender does not tell: such a speaker
   * counts as speaking. Gives the slot to send it in, null where it is not heard.
   */
  onPacket(speakerNumber: number, levelDbov: number | null, nowMs: number): number | null {
    const speaker = this.#know(speakerNumber)
    this.#listen(speaker, levelDbov, nowMs)
    if (speaker.slot !== null) return speaker.slot
    const slot =
      this.#freeSlot(speaker, nowMs) ?? (isVoice(levelDbov) ? this.#slotToWin(speaker.loudness, nowMs) : null)
    if (slot !== null) this.#give(slot, speaker, nowMs)
    return slot
  }

  /** The speaker may not be heard any more, or has gone. */
  remove(speakerNumber: number): void {
    const speaker = this.#speakers.get(speakerNumber)
    if (!speaker) return
    if (speaker.slot !== null) this.#holders[speaker.slot] = null
    this.#speakers.delete(speakerNumber)
  }

  #know(speakerNumber: number): Speaker {
    const known = this.#speakers.get(speakerNumber)
    if (known) return known
    const never = Number.NEGATIVE_INFINITY
    const speaker: Speaker = {
      number: speakerNumber,
      slot: null,
      lastSlot: null,
      loudness: 0,
      packetAtMs: never,
      voiceAtMs: never,
      tookSlotAtMs: never,
    }
    this.#speakers.set(speakerNumber, speaker)
    return speaker
  }

  #listen(speaker: Speaker, levelDbov: number | null, nowMs: number): void {
    const loudness = loudnessOf(levelDbov)
    const share = loudness > speaker.loudness ? SELECTION.rise : SELECTION.fall
    speaker.loudness += (loudness - speaker.loudness) * shareOver(share, nowMs - speaker.packetAtMs)
    speaker.packetAtMs = nowMs
    if (isVoice(levelDbov)) speaker.voiceAtMs = nowMs
  }

  #freeSlot(speaker: Speaker, nowMs: number): number | null {
    if (speaker.lastSlot !== null && this.#isFree(speaker.lastSlot, nowMs)) return speaker.lastSlot
    for (let slot = 0; slot < this.#holders.length; slot++) if (this.#isFree(slot, nowMs)) return slot
    return null
  }

  #isFree(slot: number, nowMs: number): boolean {
    const holder = this.#holders[slot]
    return !holder || nowMs - holder.packetAtMs >= SELECTION.absentAfterMs
  }

  /** From the holder that was quiet for longest; else from the quietest, if clearly louder. */
  #slotToWin(loudness: number, nowMs: number): number | null {
    let longestQuiet: Speaker | null = null
    let quietest: Speaker | null = null
    for (const holder of this.#holders) {
      if (!holder) continue
      if (!longestQuiet || holder.voiceAtMs < longestQuiet.voiceAtMs) longestQuiet = holder
      if (!quietest || holder.loudness < quietest.loudness) quietest = holder
    }
    if (longestQuiet && nowMs - longestQuiet.voiceAtMs >= SELECTION.quietAfterMs) return longestQuiet.slot
    if (!quietest || nowMs - quietest.tookSlotAtMs < SELECTION.heldForMs) return null
    return loudness >= quietest.loudness + SELECTION.louderByDb ? quietest.slot : null
  }

  #give(slot: number, speaker: Speaker, nowMs: number): void {
    const before = this.#holders[slot]
    if (before) before.slot = null
    this.#holders[slot] = speaker
    speaker.slot = slot
    speaker.lastSlot = slot
    speaker.tookSlotAtMs = nowMs
  }
}

/** 0 (silence) to 127 (loudest). */
function loudnessOf(levelDbov: number | null): number {
  return 127 - (levelDbov ?? SELECTION.voiceDbov)
}

function isVoice(levelDbov: number | null): boolean {
  return levelDbov === null || levelDbov <= SELECTION.voiceDbov
}

/** Packets that were not opened, or never sent, count as time: at least as one packet, for they may come in bursts. */
function shareOver(share: number, elapsedMs: number): number {
  return elapsedMs <= FRAME_MS ? share : 1 - (1 - share) ** (elapsedMs / FRAME_MS)
}
