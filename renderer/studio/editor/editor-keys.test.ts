// @vitest-environment happy-dom
import type { KeyboardEvent as ReactKeyboardEvent } from 'react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Commands } from './commands.ts'
import { editorKeys } from './editor-keys.ts'

const called: string[] = []
/** Notes what is called, by name and arguments. */
const commands = new Proxy({} as Commands, {
  get:
    (_, name) =>
    (...args: unknown[]) => {
      called.push([String(name), ...args.filter((arg) => typeof arg !== 'object')].join(' '))
    },
})

beforeEach(() => {
  called.length = 0
  document.body.innerHTML =
    '<div id="editor"><div id="position" role="slider" data-position=""></div><div id="trim" role="slider"></div><button id="button"><i id="icon"></i></button><input id="text"><input id="range" type="range"></div><div role="dialog"><p id="dialog"></p></div>'
})

function press(id: string, key: string, modifiers: Partial<KeyboardEvent> = {}): boolean {
  const target = document.getElementById(id)
  const preventDefault = vi.fn()
  const event = {
    key,
    target,
    preventDefault,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    ...modifiers,
  }
  editorKeys(commands)(event as unknown as ReactKeyboardEvent)
  return preventDefault.mock.calls.length > 0
}

describe('editorKeys', () => {
  it('plays with the space bar, but where it presses something', () => {
    expect(press('position', ' ')).toBe(true)
    expect(press('icon', ' ')).toBe(false)
    expect(called).toEqual(['togglePlay'])
  })

  it('moves the position by one, ten and a tenth of a second', () => {
    press('position', 'ArrowRight')
    press('button', 'ArrowLeft', { shiftKey: true })
    press('position', 'ArrowRight', { altKey: true })
    expect(called).toEqual(['moveBy 1000', 'moveBy -10000', 'moveBy 100'])
  })

  it('leaves arrows to what moves by them', () => {
    expect(press('trim', 'ArrowRight')).toBe(false)
    expect(press('range', 'ArrowRight')).toBe(false)
    expect(called).toEqual([])
  })

  it('takes no letter while one types or answers', () => {
    for (const id of ['text', 'dialog']) for (const key of ['x', 'm', ' ', 'Delete']) press(id, key)
    press('text', 'z', { ctrlKey: true })
    expect(called).toEqual([])
  })

  it('undoes and redoes', () => {
    press('button', 'z', { ctrlKey: true })
    press('button', 'Z', { metaKey: true, shiftKey: true })
    press('button', 'y', { ctrlKey: true })
    expect(called).toEqual(['undo', 'redo', 'redo'])
  })

  it('leaves the browser its own keys', () => {
    expect(press('position', 'x', { ctrlKey: true })).toBe(false)
    expect(press('position', 'm', { altKey: true })).toBe(false)
    expect(press('position', 'Tab')).toBe(false)
    expect(called).toEqual([])
  })
})
