import { parentPort, workerData } from 'node:worker_threads'
import { Refusal } from '../../contract/reasons.ts'
import type { Fanout, MediaLink, MediaLinkEvents } from '../transport.ts'
import { createWebRtcTransport } from '../webrtc-transport.ts'
import type { CallResult, FromMediaThread, MediaThreadOptions, ToMediaThread } from './thread-messages.ts'

/**
 * The program of a media thread: a whole transport with a UDP port of its own, remote-controlled by the thread that
 * has the rooms. Which packets of a microphone are wanted is decided there, so all are opened here.
 */
const port = parentPort
if (!port) throw new Error('media-thread.ts is the program of a worker thread')

const tell = (message: FromMediaThread) => port.postMessage(message)
const links = new Map<number, MediaLink>()
const fanouts = new Map<number, Fanout>()

const transport = createWebRtcTransport({
  ...(workerData as MediaThreadOptions),
  log: {
    debug: (fields, message) => tell({ tell: 'log', level: 'debug', fields: plain(fields), message }),
    warn: (fields, message) => tell({ tell: 'log', level: 'warn', fields: plain(fields), message }),
  },
})

port.on('message', (message: ToMediaThread) => {
  if ('callId' in message) void answer(message)
  else carryOut(message)
})

type Call = Extract<ToMediaThread, { callId: number }>

async function answer(call: Call): Promise<void> {
  try {
    tell({ tell: 'done', callId: call.callId, result: await resultOf(call) })
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal('media-failed', String(error))
    tell({ tell: 'refused', callId: call.callId, code: refusal.code, detail: refusal.message })
  }
  if (call.do === 'close') port?.close()
}

async function resultOf(call: Call): Promise<CallResult> {
  switch (call.do) {
    case 'ready':
      await transport.ready()
      return null
    case 'accept':
      return accept(call.linkId, call.offerSdp)
    case 'dump':
      return transport.dump()
    case 'close':
      await transport.close()
      return null
  }
}

async function accept(linkId: number, offerSdp: string): Promise<string> {
  const link = await transport.accept(offerSdp, eventsOf(linkId))
  links.set(linkId, link)
  return link.answerSdp
}

function eventsOf(linkId: number): MediaLinkEvents {
  return {
    onConnected: () => tell({ tell: 'connected', linkId }),
    onDisconnected: () => tell({ tell: 'disconnected', linkId }),
    onClosed: () => {
      links.delete(linkId)
      tell({ tell: 'closed', linkId })
    },
    wantsUplink: () => true,
    // A copy of its own: cloning a view would clone all the memory that it looks at.
    onUplink: (packet) => tell({ tell: 'uplink', linkId, packet: { ...packet, payload: packet.payload.slice() } }),
  }
}

function carryOut(message: Exclude<ToMediaThread, Call>): void {
  switch (message.do) {
    case 'close-link':
      links.get(message.linkId)?.close()
      links.delete(message.linkId)
      break
    case 'candidates':
      links.get(message.linkId)?.addRemoteCandidates?.(message.lines)
      break
    case 'ask-stun-servers':
      transport.askStunServers?.(message.servers)
      break
    case 'join': {
      const link = links.get(message.linkId)
      if (link) fanout(message.fanoutId).join(link, message.member)
      break
    }
    case 'leave': {
      const link = links.get(message.linkId)
      if (link) fanouts.get(message.fanoutId)?.leave(link)
      break
    }
    case 'send':
      fanouts.get(message.fanoutId)?.send(message.channel, message.slot, message.packet)
      break
    case 'close-fanout':
      fanouts.get(message.fanoutId)?.close()
      fanouts.delete(message.fanoutId)
      break
  }
}

function fanout(fanoutId: number): Fanout {
  const known = fanouts.get(fanoutId) ?? transport.createFanout()
  fanouts.set(fanoutId, known)
  return known
}

/** Errors and the like do not survive the way to another thread whole. */
function plain(fields: object): object {
  return JSON.parse(JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? value.message : value)))
}
