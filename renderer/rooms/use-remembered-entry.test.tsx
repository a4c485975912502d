// @vitest-environment happy-dom
import { act, StrictMode, useState } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { beforeEach, describe, expect, it } from 'vitest'
import { roomIdSchema } from '../../sfu-core/contract/ids.ts'
import { type Entry, recallEntry, rememberEntry } from './entry-memory.ts'
import { useRememberedEntry } from './use-remembered-entry.ts'

const ROOM_ID = roomIdSchema.parse('room1')

describe('the memory of an entry', () => {
  let root: Root
  let setEntry: (entry: Entry | null) => void
  let recalled: Entry | null

  function Room({ over }: { over: boolean }) {
    const [entry, set] = useState(() => recallEntry(ROOM_ID))
    setEntry = set
    recalled = entry
    useRememberedEntry(ROOM_ID, over ? null : entry)
    return null
  }

  const show = (over = false) =>
    act(async () =>
      root.render(
        <StrictMode>
          <Room over={over} />
        </StrictMode>,
      ),
    )
  const enter = () => act(async () => setEntry({ name: 'Mika' }))

  beforeEach(() => {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
    sessionStorage.clear()
    root = createRoot(document.createElement('div'))
    return () => act(async () => root.unmount())
  })

  it('a reload, which runs no cleanup, comes straight back', async () => {
    await show()
    expect(recalled).toBeNull()
    await enter()
    expect(recallEntry(ROOM_ID)).toEqual({ name: 'Mika' })
  })

  it('survives the double mount of StrictMode', async () => {
    rememberEntry(ROOM_ID, { name: null })
    await show()
    expect(recalled).toEqual({ name: null })
    expect(recallEntry(ROOM_ID)).toEqual({ name: null })
  })

  it('who went to another screen is not let in unasked at the next visit', async () => {
    await show()
    await enter()
    await act(async () => root.render(null))
    expect(recallEntry(ROOM_ID)).toBeNull()
  })

  it('who was removed, or whose room ended, is not let in unasked by a reload', async () => {
    await show()
    await enter()
    await show(true)
    expect(recallEntry(ROOM_ID)).toBeNull()
    await show(false)
    expect(recallEntry(ROOM_ID)).toEqual({ name: 'Mika' })
  })
})
