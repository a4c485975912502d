// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useMicKeys } from './use-mic-keys.ts'

const setMuted = vi.fn<(muted: boolean) => void>()

function Probe({ muted }: { muted: boolean }) {
  useMicKeys({ muted, enabled: true, setMuted })
  return null
}

/** Presses a key on the element with the id `target` of `page`. */
function press(page: string, code: string): void {
  const place = document.createElement('div')
  place.innerHTML = page
  document.body.append(place)
  place.querySelector('#target')?.dispatchEvent(new KeyboardEvent('keydown', { code, bubbles: true, cancelable: true }))
  place.remove()
}

describe('useMicKeys', () => {
  let root: Root
  beforeEach(() => {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
    setMuted.mockClear()
    root = createRoot(document.createElement('div'))
  })
  afterEach(() => act(async () => root.unmount()))
  const show = (muted: boolean) => act(async () => root.render(<Probe muted={muted} />))

  it.each([
    ['on the page', '<p id="target"></p>', true],
    ['on a button', '<button id="target"></button>', true],
    ['in a question', '<div role="alertdialog"><button id="target"></button></div>', true],
    ['on a question', '<div role="alertdialog" id="target"></div>', true],
    ['in a text field', '<input id="target">', false],
    ['in a question with a text field', '<div role="alertdialog"><input><button id="target"></button></div>', false],
    ['in a dialog', '<div role="dialog"><button id="target"></button></div>', false],
    ['in a menu', '<ul role="menu"><li id="target"></li></ul>', false],
  ])('M %s: %s mutes: %s', async (_, page, mutes) => {
    await show(false)
    press(page, 'KeyM')
    expect(setMuted.mock.calls).toEqual(mutes ? [[true]] : [])
  })

  it.each([
    ['on the page', '<p id="target"></p>', true],
    ['in a question', '<div role="alertdialog" id="target"></div>', false],
    ['on a button', '<button id="target"></button>', false],
  ])('the space bar %s: %s talks: %s', async (_, page, talks) => {
    await show(true)
    press(page, 'Space')
    expect(setMuted.mock.calls).toEqual(talks ? [[false]] : [])
  })
})
