/**
 * The transport as a node runs it, for build/e2e/nat.test.ts: a program on a host of its own, asked by JSON lines.
 * Everybody who comes hears a packet each 20 ms. ENGAWA_NAT_STUN: `host:port` of a STUN server; ENGAWA_NAT_PORT: the UDP port.
 */
import { createInterface } from 'node:readline'
import type { MediaLink } from '../transport/transport.ts'
import { STAGE_CHANNEL } from '../transport/transport.ts'
import { createWebRtcTransport } from '../transport/webrtc-transport.ts'

type Message =
  | { type: 'ready' }
  | { type: 'join'; offerSdp: string }
  | { type: 'candidates'; lines: string[] }
  | { type: 'state' }

const FRAME_MS = 20
/** One Opus packet of silence (RFC 6716: TOC 0xf8 is CELT, 20 ms, mono). */
const SILENCE = Uint8Array.of(0xf8, 0xff, 0xfe)
const { ENGAWA_NAT_STUN: stun, ENGAWA_NAT_PORT: port } = process.env

const transport = createWebRtcTransport({
  stunServers: stun ? [stun] : [],
  portRange: port ? [Number(port), Number(port)] : undefined,
  // biome-ignore lint/suspicious/noConsole: a test's program; its stderr is shown.
  log: { warn: (fields, message) => console.error(message, fields) },
})
const fanout = transport.createFanout()
const told: string[] = []
let link: MediaLink | null = null
let timestamp = 0

setInterval(() => {
  timestamp = (timestamp + 960) >>> 0
  fanout.send(STAGE_CHANNEL, 0, { timestamp, speakerNumber: 7, marker: false, payload: SILENCE })
}, FRAME_MS)

async function answer(message: Message): Promise<object> {
  switch (message.type) {
    case 'ready':
      await transport.ready()
      return {}
    case 'join':
      link = await transport.accept(message.offerSdp, {
        onConnected: () => told.push('connected'),
        onDisconnected: () => told.push('disconnected'),
        onClosed: () => told.push('closed'),
        wantsUplink: () => true,
        onUplink: () => undefined,
      })
      fanout.join(link, { channel: STAGE_CHANNEL, listenerNumber: 9 })
      return { answerSdp: link.answerSdp }
    case 'candidates':
      link?.addRemoteCandidates?.(message.lines)
      return {}
    case 'state':
      return { told, dump: transport.dump() }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Message))}\n`)
}
// Whoever started this has ended or closed its end.
process.exit()
