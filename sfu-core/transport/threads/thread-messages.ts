import type { ReasonCode } from '../../contract/reasons.ts'
import type { DownlinkPacket, FanoutMember, UplinkPacket } from '../transport.ts'
import type { WebRtcTransportDump, WebRtcTransportOptions } from '../webrtc-transport.ts'

/** Between the thread of the rooms and a media thread. Ids are given by the rooms' thread. */

/** What a media thread is started with: the part of the options that can be sent to it. */
export type MediaThreadOptions = Omit<WebRtcTransportOptions, 'log' | 'clock'>

export type ToMediaThread =
  | { do: 'ready'; callId: number }
  | { do: 'accept'; callId: number; linkId: number; offerSdp: string }
  | { do: 'dump'; callId: number }
  | { do: 'close'; callId: number }
  | { do: 'close-link'; linkId: number }
  | { do: 'candidates'; linkId: number; lines: readonly string[] }
  | { do: 'ask-stun-servers'; servers: readonly string[] }
  | { do: 'join'; fanoutId: number; linkId: number; member: FanoutMember }
  | { do: 'leave'; fanoutId: number; linkId: number }
  | { do: 'send'; fanoutId: number; channel: number; slot: number; packet: DownlinkPacket }
  | { do: 'close-fanout'; fanoutId: number }

/** What a call is answered with: an SDP answer, a dump, or nothing. */
export type CallResult = string | WebRtcTransportDump | null

export type FromMediaThread =
  | { tell: 'done'; callId: number; result: CallResult }
  | { tell: 'refused'; callId: number; code: ReasonCode; detail: string }
  | { tell: 'connected' | 'disconnected' | 'closed'; linkId: number }
  | { tell: 'uplink'; linkId: number; packet: UplinkPacket }
  | { tell: 'log'; level: 'debug' | 'warn'; fields: object; message: string }
