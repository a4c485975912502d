import { describe, expect, it, vi } from 'vitest'
import type { DesktopBridge, HostingStatus } from '../../electron/contract/bridge.ts'
import type { RoomView } from '../../server/contract/views.ts'
import { endHosting, roomsHostedHere } from './hosted-here.ts'
import type { ServerConnection } from './server-connection.ts'

const room = (roomId: string, nodeId: string | null, status: RoomView['status']) =>
  ({ roomId, nodeId, status }) as RoomView

function setting(status: HostingStatus) {
  const done: string[] = []
  const mine = vi.fn(async () => [
    room('here', 'n1', 'live'),
    room('on-another-computer', 'n2', 'live'),
    room('relayed', 'relay1', 'live'),
    room('over', null, 'ended'),
  ])
  const end = async ({ roomId }: { roomId: string }) => void done.push(`end ${roomId}`)
  const connection = {
    client: { rooms: { mine: { query: mine }, end: { mutate: end } } },
  } as unknown as ServerConnection
  const bridge = {
    hosting: { status: async () => status, stop: async () => void done.push('stop') },
  } as unknown as DesktopBridge
  return { connection, bridge, mine, done }
}

const hosting: HostingStatus = { state: 'hosting', nodeId: 'n1', pid: 1, startedAtMs: 0, rooms: 1 }

describe('roomsHostedHere', () => {
  it('are the live rooms of this computer', async () => {
    const { connection, bridge } = setting(hosting)
    expect((await roomsHostedHere(connection, bridge)).map(({ roomId }) => roomId)).toEqual(['here'])
  })

  it('are the same while the node is started again after a crash', async () => {
    const { connection, bridge } = setting({ state: 'restarting', crashes: 1, nodeId: 'n1', rooms: 1 })
    expect((await roomsHostedHere(connection, bridge)).map(({ roomId }) => roomId)).toEqual(['here'])
  })

  it('are none in a browser and while nothing runs here, without asking', async () => {
    const { connection, bridge, mine } = setting({ state: 'off' })
    expect(await roomsHostedHere(connection, null)).toEqual([])
    expect(await roomsHostedHere(connection, bridge)).toEqual([])
    expect(mine).not.toHaveBeenCalled()
  })
})

describe('endHosting', () => {
  it('ends the rooms before the node', async () => {
    const { connection, bridge, done } = setting(hosting)
    await endHosting(connection, bridge, await roomsHostedHere(connection, bridge))
    expect(done).toEqual(['end here', 'stop'])
  })
})
