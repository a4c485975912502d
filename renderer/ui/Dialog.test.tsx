// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Dialog } from './Dialog.tsx'

describe('Dialog', () => {
  let root: Root
  const onClose = vi.fn<() => void>()
  const onPageKey = vi.fn<(event: KeyboardEvent) => void>()

  beforeEach(() => {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
    onClose.mockClear()
    onPageKey.mockClear()
    const holder = document.createElement('div')
    document.body.replaceChildren(holder)
    root = createRoot(holder)
    addEventListener('keydown', onPageKey)
  })
  afterEach(() => {
    removeEventListener('keydown', onPageKey)
    return act(async () => root.unmount())
  })

  const show = (escapeCloses: boolean) =>
    act(async () =>
      root.render(
        <Dialog open role="alertdialog" title="?" closeLabel="No" onClose={onClose} escapeCloses={escapeCloses}>
          words
        </Dialog>,
      ),
    )
  const press = (key: string) =>
    act(async () => {
      const dialog = document.querySelector('[role="alertdialog"]')
      dialog?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    })

  it.each([
    [true, 1],
    [false, 0],
  ])('where Escape closes (%s), it closes %i times', async (escapeCloses, times) => {
    await show(escapeCloses)
    await press('Escape')
    expect(onClose).toHaveBeenCalledTimes(times)
  })

  it('lets keys of the page through, such as M', async () => {
    await show(false)
    await press('m')
    expect(onPageKey).toHaveBeenCalledTimes(1)
  })
})
