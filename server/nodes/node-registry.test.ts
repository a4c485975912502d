import { describe, expect, it, vi } from 'vitest'
import { nodeIdSchema } from '../../sfu-core/contract/ids.ts'
import { NODE_MAX_PENDING_REQUESTS, NODE_MAX_ROOMS, NODE_SILENCE_MS } from '../../sfu-core/contract/limits.ts'
import { steadyMs } from '../clock.ts'
import { NodeRegistry } from './node-registry.ts'
import { type NodeIdentity, NodeSession } from './node-session.ts'

const nodeId = nodeIdSchema.parse('r1')
const identity: NodeIdentity = {
  nodeId,
  kind: 'relay',
  ownerId: null,
  name: 'R',
  takeStorage: 'shared',
  stunServers: [],
}
const open = { type: 'open-room', room: {} } as never
const close = { type: 'close-room', roomId: 'x', reason: 'room-ended' } as never

describe('the registry of nodes', () => {
  it('lets a node go after its silence, not before, and takes it back', () => {
    let now = 0
    const registry = new NodeRegistry(() => now)
    const gone: string[] = []
    registry.onGone((id) => gone.push(id))
    registry.register(identity, 'c1')
    now = NODE_SILENCE_MS - 1
    registry.checkSilence()
    expect(gone).toEqual([])
    registry.heard('c1')
    now += NODE_SILENCE_MS
    registry.checkSilence()
    expect([gone, registry.isThere(nodeId)]).toEqual([[nodeId], false])
    expect(() => registry.heard('c1')).toThrow('Register first.')
    registry.register(identity, 'c2')
    expect(registry.isThere(nodeId)).toBe(true)
  })

  it('a connection that breaks is no news until the silence is over, but nothing can be asked', async () => {
    const registry = new NodeRegistry(() => 0)
    const session = registry.register(identity, 'c1')
    const asked = session.ask(close)
    registry.connectionClosed('c1')
    await expect(asked).rejects.toMatchObject({ code: 'node-gone' })
    expect(registry.isThere(nodeId)).toBe(true)
    expect(() => registry.sessionOrRefuse(nodeId)).toThrow()
    expect(registry.leastBusyRelay()).toBeNull()
  })
})

describe('the least busy relay', () => {
  const relay = (registry: NodeRegistry, name: string, heartbeat: { rooms: number; participants: number } | null) => {
    const session = registry.register({ ...identity, nodeId: nodeIdSchema.parse(name), name }, name)
    if (heartbeat !== null) session.heartbeat = { ...heartbeat, cpuUs: 0, residentBytes: 0 }
    return session
  }

  it('has the fewest people, then the fewest rooms', () => {
    const registry = new NodeRegistry(() => 0)
    relay(registry, 'r1', { rooms: 1, participants: 5 })
    relay(registry, 'r2', { rooms: 9, participants: 3 })
    const best = relay(registry, 'r3', { rooms: 2, participants: 3 })
    expect(registry.leastBusyRelay()).toBe(best)
  })

  it('is not one that is full, though nobody is in its rooms', () => {
    const registry = new NodeRegistry(() => 0)
    relay(registry, 'r1', { rooms: NODE_MAX_ROOMS, participants: 0 })
    expect([registry.leastBusyRelay(), registry.hasRelay()]).toEqual([null, true])
    const other = relay(registry, 'r2', { rooms: 5, participants: 50 })
    expect(registry.leastBusyRelay()).toBe(other)
  })
})

describe('a step of the wall clock', () => {
  it('does not let go of nodes', () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const registry = new NodeRegistry(steadyMs)
      registry.register(identity, 'c1')
      vi.setSystemTime(Date.now() + 3_600_000)
      registry.checkSilence()
      expect(registry.isThere(nodeId)).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a session of a node', () => {
  it('pairs answers with requests', async () => {
    const session = new NodeSession(identity, 'c')
    const requests = session.requests(new AbortController().signal)
    const [first, second] = [session.ask(close), session.ask(close)]
    const ids = [(await requests.next()).value?.requestId ?? 0, (await requests.next()).value?.requestId ?? 0]
    session.answer(ids[1] ?? 0, { ok: false, reason: 'not-allowed', detail: 'no' })
    session.answer(ids[0] ?? 0, { ok: true, value: null })
    session.answer(99, { ok: true, value: null })
    await expect(first).resolves.toEqual({ ok: true, value: null })
    await expect(second).rejects.toMatchObject({ code: 'not-allowed' })
  })

  it('does not hand out a request that timed out before the node listened', async () => {
    const session = new NodeSession(identity, 'c', 1)
    await expect(session.ask(close)).rejects.toMatchObject({ code: 'timed-out' })
    const requests = session.requests(new AbortController().signal)
    const first = requests.next()
    const asked = session.ask(open)
    expect((await first).value).toMatchObject({ requestId: 2, request: open })
    session.answer(2, { ok: true, value: null })
    await asked
  })

  it('refuses more than it may keep, and what is answered too late', async () => {
    const session = new NodeSession(identity, 'c', 1)
    const late = Array.from({ length: NODE_MAX_PENDING_REQUESTS }, () => session.ask(close))
    const settled = Promise.allSettled(late)
    await expect(session.ask(close)).rejects.toMatchObject({ code: 'node-busy' })
    expect(await settled).toMatchObject([{ reason: { code: 'timed-out' } }, ...late.slice(1).map(() => ({}))])
  })
})
