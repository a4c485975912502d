import { RTCPeerConnection, RTCRtpCodecParameters, type RTCRtpTransceiver, type RtpPacket } from 'werift'
import { SECTION_COUNT } from '../contract/media.ts'
import type { MediaLink, MediaLinkEvents, MediaTransport, UplinkPacket } from './transport.ts'

/** A browser's part, by werift: full ICE, DTLS client, its own SRTP. */
export interface Caller {
  pc: RTCPeerConnection
  link: MediaLink
  /** The node's UDP port, as the answer has it. */
  port: string | undefined
  /** What the link told, in order. */
  seen: string[]
  uplink: UplinkPacket[]
  heard: { section: number; packet: RtpPacket }[]
  microphone: RTCRtpTransceiver
}

/** Events of a link that nobody listens to. */
export const SILENT: MediaLinkEvents = {
  onConnected() {},
  onDisconnected() {},
  onClosed() {},
  wantsUplink: () => true,
  onUplink() {},
}

export const LEVEL = { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 5 }
const OPUS = new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2, payloadType: 96 })

/** Calls a transport on loopback; the connection is under way when this resolves. `alter` changes the offer on its way. */
export async function callTransport(
  transport: MediaTransport,
  alter: (sdp: string) => string = (sdp) => sdp,
): Promise<Caller> {
  const pc = new RTCPeerConnection({
    bundlePolicy: 'max-bundle',
    codecs: { audio: [OPUS] },
    headerExtensions: { audio: [LEVEL] },
    iceAdditionalHostAddresses: ['127.0.0.1'],
    iceInterfaceAddresses: { udp4: '127.0.0.1' },
    iceUseIpv6: false,
    iceServers: [{ urls: 'stun:127.0.0.1:9' }],
  })
  const microphone = pc.addTransceiver('audio', { direction: 'sendrecv' })
  const others = Array.from({ length: SECTION_COUNT - 1 }, () => pc.addTransceiver('audio', { direction: 'recvonly' }))
  const heard: Caller['heard'] = []
  for (const [section, { onTrack }] of [microphone, ...others].entries()) {
    onTrack.subscribe((track) => track.onReceiveRtp.subscribe((packet) => heard.push({ section, packet })))
  }
  const offer = await pc.createOffer()
  void pc.setLocalDescription(offer)
  const seen: string[] = []
  const uplink: UplinkPacket[] = []
  const link = await transport.accept(alter(offer.sdp), {
    onConnected: () => seen.push('connected'),
    onDisconnected: () => seen.push('disconnected'),
    onClosed: () => seen.push('closed'),
    wantsUplink: () => true,
    onUplink: (packet) => uplink.push({ ...packet, payload: Buffer.from(packet.payload) }),
  })
  const { answerSdp } = link
  await pc.setRemoteDescription({ type: 'answer', sdp: answerSdp })
  const port = /^a=candidate:.* (\d+) typ host\r$/m.exec(answerSdp)?.[1]
  return { pc, link, port, seen, uplink, heard, microphone }
}
