import type { MediaLink, UplinkPacket } from '../transport/transport.ts'

/** The hot path of one room: uplinks, slots, downlinks. Direct calls, never throws, knows no names. */
export interface RoomForwarder {
  /** Gives a participant's downlink (replaces an earlier one of the same number). */
  attach(participantNumber: number, link: MediaLink): void
  detach(participantNumber: number): void
  /** Whether the participant's packets are forwarded and tapped: on stage and not muted. */
  setAudible(participantNumber: number, audible: boolean): void
  /** An uplink packet. Dropped unless audible. */
  onUplink(participantNumber: number, packet: UplinkPacket): void
  /** Is handed each audible packet, before slots are chosen (the recorder); null ends it. */
  setTap(tap: UplinkTap | null): void
  dump(): RoomForwarderDump
  close(): void
}

/** `arrivalMs`: monotonic clock of the forwarder at the moment of arrival. */
export type UplinkTap = (participantNumber: number, packet: UplinkPacket, arrivalMs: number) => void

export interface RoomForwarderDump {
  slots: { speakerNumber: number | null }[]
  uplinks: { participantNumber: number; audible: boolean; packets: number; dropped: number }[]
  downlinks: { participantNumber: number; packets: number }[]
}
