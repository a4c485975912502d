import type { AudiencePacketMs } from '../contract/media.ts'
import type { MediaLink, UplinkPacket } from '../transport/transport.ts'

/** The hot path of one room: uplinks, slots, stage and audience. Direct calls, never throws, knows no names. */
export interface RoomForwarder {
  /** Gives a participant's downlink (replaces an earlier one of the same number). */
  attach(participantNumber: number, link: MediaLink): void
  detach(participantNumber: number): void
  /**
   * Where the participant listens: on stage, muted or not, with the least delay; else with the audience. In the audience unless
   * told. Lasts over `detach`, until told otherwise.
   */
  setOnStage(participantNumber: number, onStage: boolean): void
  /** Whether the participant's packets are forwarded and tapped: on stage and not muted. Lasts over `detach`. */
  setAudible(participantNumber: number, audible: boolean): void
  /** Whether a packet with this level would be of use. Changes nothing: it is asked before the packet is known to be genuine. */
  wantsUplink(participantNumber: number, levelDbov: number | null): boolean
  /** An uplink packet. Dropped unless audible. */
  onUplink(participantNumber: number, packet: UplinkPacket): void
  /** Is handed each audible packet, before slots are chosen (the recorder); null ends it. */
  setTap(tap: UplinkTap | null): void
  /** How much sound each packet to the audience holds, from now on. */
  setAudiencePacketMs(packetMs: AudiencePacketMs): void
  dump(): RoomForwarderDump
  /** Idempotent. */
  close(): void
}

/** `arrivalMs`: monotonic clock of the forwarder at the moment of arrival. */
export type UplinkTap = (participantNumber: number, packet: UplinkPacket, arrivalMs: number) => void

export interface RoomForwarderDump {
  slots: { speakerNumber: number | null; packets: number }[]
  uplinks: ({ participantNumber: number; audible: boolean; onStage: boolean } & UplinkCounts)[]
  /** `linkId` names the link in the dump of the transport. */
  downlinks: { participantNumber: number; channel: number; linkId: string | null }[]
  /** Of the room so far: packets as handed to a channel, whoever is in it. */
  sent: { stagePackets: number; audiencePackets: number }
  audience: { packetMs: AudiencePacketMs; members: number[] }
}

/** Packets that were opened; of those, what was not forwarded, and why. */
export interface UplinkCounts {
  packets: number
  forwarded: number
  /** The speaker was muted or in the audience. */
  notAudible: number
  malformed: number
  /** Faster than time goes: see uplink-budget.ts. */
  tooFast: number
  /** No slot: others are heard. */
  unheard: number
  /** Late or twice. */
  late: number
  /** DTX, and refreshes of comfort noise: see silence-gate.ts. */
  silent: number
}
