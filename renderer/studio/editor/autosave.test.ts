import { describe, expect, it } from 'vitest'
import { type EditList, NO_EDITS } from '../../../sfu-core/contract/edits.ts'
import { Refusal } from '../../../sfu-core/contract/reasons.ts'
import { OfflineError } from '../../app/api-error.ts'
import type { Clock } from '../../room-session/clock.ts'
import { Autosave, type SavedList } from './autosave.ts'
import { SAVE_PAUSE_MS, SAVE_RETRY_MS } from './limits.ts'

/** A server that holds one list, and a clock that the test moves. */
function setUp() {
  const server = { revision: 3, edits: NO_EDITS as EditList, saves: 0, failure: null as Error | null }
  const timers = new Map<number, { atMs: number; call: () => void }>()
  let nowMs = 0
  let lastTimer = 0
  const clock: Clock = {
    nowMs: () => nowMs,
    after(delayMs, call) {
      const timer = ++lastTimer
      timers.set(timer, { atMs: nowMs + delayMs, call })
      return () => timers.delete(timer)
    },
  }
  const autosave = new Autosave({
    saved: { revision: 3, edits: NO_EDITS },
    async save({ revision, edits }: SavedList) {
      server.saves += 1
      if (server.failure !== null) throw server.failure
      if (revision !== server.revision) throw new Refusal('edits-changed')
      server.edits = edits
      server.revision += 1
      return { revision: server.revision }
    },
    load: async () => ({ revision: server.revision, edits: server.edits }),
    clock,
  })
  const pass = async (ms: number) => {
    nowMs += ms
    for (const [timer, { atMs, call }] of timers) {
      if (atMs > nowMs) continue
      timers.delete(timer)
      call()
    }
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }
  return { server, autosave, pass, state: () => autosave.state.get().state }
}

const list = (trimStartMs: number): EditList => ({ ...NO_EDITS, trimStartMs })

describe('Autosave', () => {
  it('saves once, a while after the last of several changes', async () => {
    const { server, autosave, pass, state } = setUp()
    autosave.want(list(1))
    await pass(SAVE_PAUSE_MS - 1)
    autosave.want(list(2))
    await pass(SAVE_PAUSE_MS - 1)
    expect([server.saves, state()]).toEqual([0, 'unsaved'])
    await pass(1)
    expect([server.saves, server.edits.trimStartMs, state()]).toEqual([1, 2, 'saved'])
  })

  it('saves over its own revisions', async () => {
    const { server, autosave, pass } = setUp()
    for (const atMs of [1, 2, 3]) {
      autosave.want(list(atMs))
      await pass(SAVE_PAUSE_MS)
    }
    expect([server.revision, server.edits.trimStartMs]).toEqual([6, 3])
  })

  it('needs no save when all was undone', async () => {
    const { server, autosave, pass, state } = setUp()
    autosave.want(list(1))
    autosave.want(NO_EDITS)
    await pass(SAVE_PAUSE_MS)
    expect([server.saves, state()]).toEqual([0, 'saved'])
  })

  it('flushes at once, and says whether it could', async () => {
    const { server, autosave } = setUp()
    autosave.want(list(1))
    expect(await autosave.flush()).toBe(true)
    expect(server.edits.trimStartMs).toBe(1)
    server.failure = new OfflineError()
    autosave.want(list(2))
    expect(await autosave.flush()).toBe(false)
  })

  it('tries again by itself after the line broke', async () => {
    const { server, autosave, pass, state } = setUp()
    server.failure = new OfflineError()
    autosave.want(list(1))
    await pass(SAVE_PAUSE_MS)
    expect(autosave.state.get()).toMatchObject({ state: 'failed', failure: { reason: 'offline' } })
    server.failure = null
    await pass(SAVE_RETRY_MS)
    expect([server.edits.trimStartMs, state()]).toEqual([1, 'saved'])
  })

  it('overwrites nobody: in a conflict it waits for a choice, also through more changes', async () => {
    const { server, autosave, pass, state } = setUp()
    server.revision = 9
    server.edits = list(99)
    autosave.want(list(1))
    await pass(SAVE_PAUSE_MS)
    autosave.want(list(2))
    await pass(SAVE_RETRY_MS * 2)
    expect([state(), server.edits.trimStartMs]).toEqual(['conflict', 99])
    await autosave.keepMine()
    expect([state(), server.edits.trimStartMs, server.revision]).toEqual(['saved', 2, 10])
  })

  it('takes the other list where that is chosen, and goes on from it', async () => {
    const { server, autosave, pass, state } = setUp()
    server.revision = 9
    server.edits = list(99)
    autosave.want(list(1))
    await pass(SAVE_PAUSE_MS)
    expect(await autosave.takeTheirs()).toEqual(list(99))
    expect([state(), autosave.isSaved]).toEqual(['saved', true])
    autosave.want(list(100))
    await pass(SAVE_PAUSE_MS)
    expect([server.edits.trimStartMs, server.revision]).toEqual([100, 10])
  })
})
