// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useRowFocus } from './use-row-focus.ts'

function Rows({ ids }: { ids: readonly string[] }) {
  return (
    <section {...useRowFocus(ids)}>
      <h2 id="heading" tabIndex={-1}>
        Hands
      </h2>
      {ids.map((id) => (
        <p key={id} data-row={id}>
          <button type="button" id={`bring-${id}`} />
          <button type="button" id={`dismiss-${id}`} />
        </p>
      ))}
    </section>
  )
}

describe('useRowFocus', () => {
  let root: Root
  const show = (...ids: string[]) => act(async () => root.render(<Rows ids={ids} />))
  const focus = (id: string) => act(async () => document.getElementById(id)?.focus())
  const focused = () => document.activeElement?.id

  beforeEach(async () => {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
    const holder = document.createElement('div')
    document.body.replaceChildren(holder)
    root = createRoot(holder)
    await show('a', 'b', 'c')
  })
  afterEach(() => act(async () => root.unmount()))

  it('goes to the same control of the row that takes the place', async () => {
    await focus('dismiss-b')
    await show('a', 'c')
    expect(focused()).toBe('dismiss-c')
    await show('a')
    expect(focused()).toBe('dismiss-a')
  })

  it('goes to the heading after the last row', async () => {
    await show('a')
    await focus('bring-a')
    await show()
    expect(focused()).toBe('heading')
  })

  it('leaves a row that stays, and who has gone elsewhere, in peace', async () => {
    await focus('bring-b')
    await show('b', 'c')
    expect(focused()).toBe('bring-b')
    await act(async () => document.getElementById('bring-b')?.blur())
    await show('c')
    expect(focused()).not.toBe('bring-c')
  })
})
