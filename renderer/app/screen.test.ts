// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest'
import { focusPageHeading } from './screen.ts'

const heading = (text: string) => {
  const element = document.createElement('h1')
  element.dataset.pageHeading = ''
  element.tabIndex = -1
  element.textContent = text
  return element
}

/** Mutation observers are told in a later microtask. */
const observed = () => new Promise<void>((resolve) => setTimeout(resolve, 0))
const focusedText = () => document.activeElement?.textContent

describe('focusPageHeading', () => {
  let end = () => {}
  afterEach(() => {
    end()
    document.body.replaceChildren()
  })

  it('focuses the heading that is there', () => {
    document.body.append(heading('Rooms'))
    end = focusPageHeading()
    expect(focusedText()).toBe('Rooms')
  })

  it('waits for the heading, and goes on to the one that replaces it', async () => {
    end = focusPageHeading()
    document.body.append(heading('Joining'))
    await observed()
    expect(focusedText()).toBe('Joining')
    document.body.replaceChildren(heading('The room'))
    await observed()
    expect(focusedText()).toBe('The room')
  })

  it('leaves the focus alone once a key was pressed', async () => {
    end = focusPageHeading()
    window.dispatchEvent(new Event('keydown'))
    document.body.append(heading('Rooms'))
    await observed()
    expect(document.activeElement).toBe(document.body)
  })
})
