/**
 * Our engine as the benches measure it: the transport and one room's forwarder as a node has them, on one thread, without
 * the server, tokens and seats. ENGAWA_BENCH_PACKET_MS: how much sound the audience's packets hold. ENGAWA_BENCH_BATCHED=off:
 * a call for each datagram, by dgram, as where there is no sendmmsg.
 */
import { systemClock } from '../clock.ts'
import { AUDIENCE_PACKET_MS, DEFAULT_AUDIENCE_PACKET_MS } from '../contract/media.ts'
import { createRoomForwarder } from '../forward/create-room-forwarder.ts'
import type { MediaLink } from '../transport/transport.ts'
import { createWebRtcTransport } from '../transport/webrtc-transport.ts'
import { serveForwarder } from './control.ts'

const wantedMs = Number(process.env['ENGAWA_BENCH_PACKET_MS'])
const transport = createWebRtcTransport({
  interfaceAddresses: ['127.0.0.1'],
  batchedSends: process.env['ENGAWA_BENCH_BATCHED'] !== 'off',
  // biome-ignore lint/suspicious/noConsole: a bench program; its stderr is shown.
  log: { warn: (fields, message) => console.error(message, fields) },
})
await transport.ready()
const forwarder = createRoomForwarder({
  clock: systemClock,
  fanout: transport.createFanout(),
  audiencePacketMs: AUDIENCE_PACKET_MS.find((ms) => ms === wantedMs) ?? DEFAULT_AUDIENCE_PACKET_MS,
})
const links = new Map<number, MediaLink>()

function drop(id: number): void {
  forwarder.setAudible(id, false)
  forwarder.detach(id)
  links.get(id)?.close()
  links.delete(id)
}

serveForwarder({
  join: async ({ id, role, group, offer }) => {
    const link = await transport.accept(offer, {
      onConnected: () => {},
      onDisconnected: () => {},
      onClosed: () => drop(id),
      wantsUplink: (levelDbov) => forwarder.wantsUplink(id, levelDbov),
      onUplink: (packet) => forwarder.onUplink(id, packet),
    })
    links.set(id, link)
    forwarder.setOnStage(id, group === 'stage')
    forwarder.setAudible(id, role === 'speaker')
    forwarder.attach(id, link)
    return link.answerSdp
  },
  leave: async (ids) => {
    for (const id of ids) drop(id)
  },
  dump: () => ({ transport: transport.dump(), forwarder: forwarder.dump() }),
})
