import { ThreadedTransport } from './threads/threaded-transport.ts'
import type { MediaTransport } from './transport.ts'
import { createWebRtcTransport, type WebRtcTransportDump, type WebRtcTransportOptions } from './webrtc-transport.ts'

export interface NodeTransportOptions extends WebRtcTransportOptions {
  /**
   * 0: all on the thread of the caller. Else that many media threads, each with a UDP port of its own. For nodes with cores to
   * spare and thousands of listeners; no more than there are ports in `portRange`.
   */
  threads?: number | undefined
}

/** A node's transport. */
export interface NodeTransport extends MediaTransport {
  /** Binds and makes ready now instead of at the first `accept`. @throws Refusal `media-failed` where no UDP port can be had. */
  ready(): Promise<void>
  /** One for each thread that carries media. */
  dump(): Promise<NodeTransportDump>
}

export interface NodeTransportDump {
  threads: WebRtcTransportDump[]
}

export function createNodeTransport({ threads = 0, clock, ...options }: NodeTransportOptions): NodeTransport {
  if (threads > 0) return new ThreadedTransport({ ...options, threads: withinRange(threads, options.portRange) })
  const transport = createWebRtcTransport({ ...options, clock })
  return {
    accept: (offerSdp, events) => transport.accept(offerSdp, events),
    askStunServers: (servers) => transport.askStunServers?.(servers),
    createFanout: () => transport.createFanout(),
    ready: () => transport.ready(),
    dump: async () => ({ threads: [transport.dump()] }),
    close: () => transport.close(),
  }
}

function withinRange(threads: number, portRange: WebRtcTransportOptions['portRange']): number {
  return portRange ? Math.min(threads, portRange[1] - portRange[0] + 1) : threads
}
