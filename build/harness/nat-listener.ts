/**
 * A listener for build/e2e/nat.test.ts: libwebrtc (@roamhq/wrtc) with the sections of contract/media.ts, on a host of its
 * own, asked by JSON lines. ENGAWA_NAT_STUN: `host:port` of a STUN server.
 */
import { createInterface } from 'node:readline'
import { SECTION_COUNT } from '../../sfu-core/contract/media.ts'

type Message =
  | { type: 'offer' }
  | { type: 'gathered' }
  | { type: 'answer'; sdp: string }
  | { type: 'state' }
  /** The longest time without a packet from now on, over `forMs`. */
  | { type: 'gap'; forMs: number }

const POLL_MS = 10
const { default: wrtc } = (await import('@roamhq/wrtc')) as unknown as { default: typeof import('@roamhq/wrtc') }
const { ENGAWA_NAT_STUN: stun } = process.env
const connection = new wrtc.RTCPeerConnection({
  bundlePolicy: 'max-bundle',
  iceServers: stun ? [{ urls: `stun:${stun}` }] : [],
})
const lines: string[] = []
/** Until the NAT's outside is known; the end of gathering takes as long as the last server that does not answer. */
const gathered = new Promise<void>((resolve) => {
  connection.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate?.candidate) lines.push(candidate.candidate)
    if (!candidate || candidate.type === 'srflx') resolve()
  })
})

async function offer(): Promise<object> {
  for (let section = 0; section < SECTION_COUNT; section++) {
    connection.addTransceiver('audio', { direction: section === 0 ? 'sendrecv' : 'recvonly' })
  }
  const description = await connection.createOffer()
  await connection.setLocalDescription(description)
  // As a page sends it: before anything is gathered.
  return { sdp: description.sdp }
}

async function counts(): Promise<{ packets: number; lost: number }> {
  let [packets, lost] = [0, 0]
  for (const entry of (await connection.getStats()).values()) {
    if (entry.type !== 'inbound-rtp') continue
    packets += entry.packetsReceived ?? 0
    lost += entry.packetsLost ?? 0
  }
  return { packets, lost }
}

async function gap(forMs: number): Promise<object> {
  const endMs = performance.now() + forMs
  let { packets } = await counts()
  let heardAtMs = performance.now()
  let longestMs = 0
  while (performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    const { packets: now } = await counts()
    if (now > packets) {
      longestMs = Math.max(longestMs, performance.now() - heardAtMs)
      heardAtMs = performance.now()
      packets = now
    }
  }
  return { longestMs: Math.round(Math.max(longestMs, performance.now() - heardAtMs)) }
}

async function answer(message: Message): Promise<object> {
  switch (message.type) {
    case 'offer':
      return offer()
    case 'gathered':
      await gathered
      return { lines }
    case 'answer':
      await connection.setRemoteDescription({ type: 'answer', sdp: message.sdp })
      return {}
    case 'state':
      return { state: connection.connectionState, ...(await counts()) }
    case 'gap':
      return gap(message.forMs)
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Message))}\n`)
}
// Whoever started this has ended or closed its end.
process.exit()
