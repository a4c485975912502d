import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HostingBridge, HostingStatus } from '../../electron/contract/bridge.ts'
import { HostingError, startHosting } from './hosting.ts'

const request = { serverUrl: 'http://x', nodeToken: 't' }
const hostingNow: HostingStatus = { state: 'hosting', nodeId: 'n1', pid: 1, startedAtMs: 0, rooms: 1 }

function bridgeThatStarts(first: HostingStatus) {
  const listeners = new Set<(status: HostingStatus) => void>()
  const bridge: HostingBridge = {
    start: async () => first,
    stop: async () => {},
    status: async () => first,
    onStatus: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const tell = (status: HostingStatus) => {
    for (const listener of [...listeners]) listener(status)
  }
  return { bridge, tell, listeners }
}

describe('startHosting', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('has the node at once where it runs', async () => {
    await expect(startHosting(bridgeThatStarts(hostingNow).bridge, request)).resolves.toBe('n1')
  })

  it('waits through a restart', async () => {
    const { bridge, tell, listeners } = bridgeThatStarts({ state: 'starting' })
    const started = startHosting(bridge, request)
    await vi.advanceTimersByTimeAsync(0)
    tell({ state: 'restarting', crashes: 1, nodeId: 'n1', rooms: 1 })
    tell(hostingNow)
    await expect(started).resolves.toBe('n1')
    expect(listeners.size).toBe(0)
  })

  it('says what the desktop says when it gives up', async () => {
    await expect(startHosting(bridgeThatStarts({ state: 'failed', detail: 'no UDP' }).bridge, request)).rejects.toEqual(
      new HostingError('no UDP'),
    )
    const { bridge, tell } = bridgeThatStarts({ state: 'starting' })
    const started = startHosting(bridge, request)
    await vi.advanceTimersByTimeAsync(0)
    tell({ state: 'failed', detail: 'bad key' })
    await expect(started).rejects.toEqual(new HostingError('bad key'))
  })

  it('does not wait for ever, and leaves no listener', async () => {
    const { bridge, listeners } = bridgeThatStarts({ state: 'starting' })
    const started = startHosting(bridge, request)
    const failed = expect(started).rejects.toBeInstanceOf(HostingError)
    await vi.advanceTimersByTimeAsync(60_000)
    await failed
    expect(listeners.size).toBe(0)
  })
})
