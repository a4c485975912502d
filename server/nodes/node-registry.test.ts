import { describe, expect, it } from 'vitest'
import { nodeIdSchema } from '../../sfu-core/contract/ids.ts'
import { NODE_MAX_PENDING_REQUESTS, NODE_SILENCE_MS } from '../../sfu-core/contract/limits.ts'
import { NodeRegistry } from './node-registry.ts'
import { type NodeIdentity, NodeSession } from './node-session.ts'

const nodeId = nodeIdSchema.parse('r1')
const identity: NodeIdentity = { nodeId, kind: 'relay', ownerId: null, name: 'R', takeStorage: 'shared' }
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

  it('refuses more than it may keep, and what is answered too late', async () => {
    const session = new NodeSession(identity, 'c', 1)
    const late = Array.from({ length: NODE_MAX_PENDING_REQUESTS }, () => session.ask(close))
    const settled = Promise.allSettled(late)
    await expect(session.ask(close)).rejects.toMatchObject({ code: 'node-busy' })
    expect(await settled).toMatchObject([{ reason: { code: 'timed-out' } }, ...late.slice(1).map(() => ({}))])
  })
})
