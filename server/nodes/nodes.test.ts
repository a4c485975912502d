import { describe, expect, it } from 'vitest'
import type { Connection } from '../call-context.ts'
import { LiveRooms } from '../rooms/live-rooms.ts'
import { NodeRegistry } from './node-registry.ts'
import { createNodes, type NodesDeps } from './nodes.ts'

const registration = { kind: 'relay', name: 'R', version: '0', takeStorage: 'shared' } as const

function line(id: string): Connection & { open: boolean } {
  return {
    id,
    open: true,
    kind: 'websocket',
    address: '192.0.2.1',
    nodeCredential: { kind: 'relay' },
    person: async () => null,
    countCall: async () => {},
    isOpen() {
      return this.open
    },
    unsentBytes: () => 0,
  }
}

describe('registering', () => {
  it('by a line that ended meanwhile does not push the living one out', async () => {
    const saves: (() => void)[] = []
    const registry = new NodeRegistry(() => 0)
    const deps: Partial<NodesDeps> = {
      registry,
      store: { save: () => new Promise((resolve) => saves.push(resolve)) },
      liveRooms: new LiveRooms(),
      stunServers: () => [],
      nowMs: () => 0,
    }
    const nodes = createNodes(deps as NodesDeps)
    const [dead, living] = [line('dead'), line('living')]
    const first = nodes.register(dead, registration)
    dead.open = false
    registry.connectionClosed(dead.id)
    const second = nodes.register(living, registration)
    saves[1]?.()
    const { nodeId } = await second
    saves[0]?.()
    await expect(first).rejects.toMatchObject({ code: 'node-gone' })
    expect(registry.session(nodeId)?.connectionId).toBe('living')
  })
})
