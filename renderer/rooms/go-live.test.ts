import { describe, expect, it, vi } from 'vitest'
import type { DesktopBridge, HostingStatus } from '../../electron/contract/bridge.ts'
import type { RoomView } from '../../server/contract/views.ts'
import type { ServerConnection } from '../app/server-connection.ts'
import { type GoLiveStep, goLive } from './go-live.ts'

function serverWith() {
  const enroll = vi.fn(async (_input: { name: string }) => ({ nodeId: 'n1', nodeToken: 'token' }))
  const open = vi.fn(async (input: object) => ({ ...input, status: 'live' }))
  const connection = {
    serverUrl: 'http://server',
    client: { nodes: { enroll: { mutate: enroll } }, rooms: { goLive: { mutate: open } } },
  } as unknown as ServerConnection
  return { connection, enroll, open }
}

/** `starts`: what one call to start after another answers. */
function desktopWith(status: HostingStatus, starts: readonly HostingStatus[] = [hosting('n1')]) {
  const left = [...starts]
  const start = vi.fn(async (_request: object) => left.shift() ?? { state: 'off' })
  const stop = vi.fn(async () => {})
  const bridge = {
    hosting: { status: async () => status, start, stop, onStatus: () => () => {} },
  } as unknown as DesktopBridge
  return { bridge, start, stop }
}

const hosting = (nodeId: string): HostingStatus => ({ state: 'hosting', nodeId, pid: 1, startedAtMs: 0, rooms: 1 })
const room = (kind: RoomView['hosting']) => ({ roomId: 'r1', hosting: kind }) as RoomView

describe('goLive', () => {
  it('of a relayed room asks the server alone', async () => {
    const { connection, enroll, open } = serverWith()
    const { bridge, start } = desktopWith({ state: 'off' })
    await goLive({ connection, bridge, room: room('relay'), computer: 'mine', onStep: () => {} })
    expect(open).toHaveBeenCalledWith({ roomId: 'r1' })
    expect(enroll).not.toHaveBeenCalled()
    expect(start).not.toHaveBeenCalled()
  })

  it('of a room on this computer gets permission, starts the node, then opens', async () => {
    const { connection, enroll, open } = serverWith()
    const { bridge, start } = desktopWith({ state: 'off' })
    const steps: GoLiveStep[] = []
    await goLive({ connection, bridge, room: room('desktop'), computer: 'mine', onStep: (step) => steps.push(step) })
    expect(enroll).toHaveBeenCalledWith({ name: 'mine' })
    expect(start).toHaveBeenCalledWith({ serverUrl: 'http://server', nodeToken: 'token' })
    expect(open).toHaveBeenCalledWith({ roomId: 'r1', nodeId: 'n1' })
    expect(steps).toEqual(['enrolling', 'starting', 'opening'])
  })

  it('uses the node that runs already', async () => {
    const { connection, open } = serverWith()
    const { bridge, start, stop } = desktopWith(hosting('n1'))
    await goLive({ connection, bridge, room: room('desktop'), computer: 'mine', onStep: () => {} })
    expect(start).not.toHaveBeenCalled()
    expect(stop).not.toHaveBeenCalled()
    expect(open).toHaveBeenCalledWith({ roomId: 'r1', nodeId: 'n1' })
  })

  it('ends the node of another account and starts its own', async () => {
    const { connection, open } = serverWith()
    const { bridge, start, stop } = desktopWith(hosting('n9'))
    await goLive({ connection, bridge, room: room('desktop'), computer: 'mine', onStep: () => {} })
    expect(stop.mock.invocationCallOrder[0]).toBeLessThan(start.mock.invocationCallOrder[0] ?? 0)
    expect(open).toHaveBeenCalledWith({ roomId: 'r1', nodeId: 'n1' })
  })

  it('does so too where that node was only on its way', async () => {
    const { connection, open } = serverWith()
    const { bridge, start, stop } = desktopWith({ state: 'starting' }, [hosting('n9'), hosting('n1')])
    await goLive({ connection, bridge, room: room('desktop'), computer: 'mine', onStep: () => {} })
    expect(start).toHaveBeenCalledTimes(2)
    expect(stop).toHaveBeenCalledOnce()
    expect(open).toHaveBeenCalledWith({ roomId: 'r1', nodeId: 'n1' })
  })

  it('starts anew after a failure', async () => {
    const { connection, open } = serverWith()
    const { bridge } = desktopWith({ state: 'failed', detail: 'x' })
    await goLive({ connection, bridge, room: room('desktop'), computer: 'mine', onStep: () => {} })
    expect(open).toHaveBeenCalledWith({ roomId: 'r1', nodeId: 'n1' })
  })
})
