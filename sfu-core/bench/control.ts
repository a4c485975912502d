/**
 * How a bench (build/bench/sfus/child-sfu.ts) talks to a forwarder that it started: messages of Node's IPC channel, each
 * request answered by one reply of the same `call`.
 */
export type ForwarderRequest =
  | { call: number; type: 'join'; id: number; role: 'speaker' | 'listener'; group: 'audience' | 'stage'; offer: string }
  | { call: number; type: 'leave'; ids: number[] }
  /** Collects garbage; for measurements of memory. */
  | { call: number; type: 'gc' }
  | { call: number; type: 'dump' }

/** The result of `join` is the SDP answer. */
type ForwarderReply = { call: number; result: unknown } | { call: number; error: string }

export interface BenchForwarder {
  join(request: Extract<ForwarderRequest, { type: 'join' }>): Promise<string>
  leave(ids: number[]): Promise<void>
  dump(): unknown
}

/** Serves until the parent is gone. */
export function serveForwarder(forwarder: BenchForwarder): void {
  const reply = (message: ForwarderReply) => process.send?.(message)
  process.on('message', (message) => {
    const request = message as ForwarderRequest
    obey(forwarder, request).then(
      (result) => reply({ call: request.call, result }),
      (error: unknown) => reply({ call: request.call, error: String(error) }),
    )
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.({ call: 0, result: 'ready' } satisfies ForwarderReply)
}

async function obey(forwarder: BenchForwarder, request: ForwarderRequest): Promise<unknown> {
  switch (request.type) {
    case 'join':
      return forwarder.join(request)
    case 'leave':
      return forwarder.leave(request.ids)
    case 'gc':
      globalThis.gc?.()
      return null
    case 'dump':
      return forwarder.dump()
  }
}
