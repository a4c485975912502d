// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AudioElements } from './remote-audio.ts'
import { settle } from './test/fakes.ts'

class FakeStream {
  readonly tracks: unknown[]
  constructor(tracks: unknown[]) {
    this.tracks = tracks
  }
}

const slots = [{}, {}, {}] as unknown as MediaStreamTrack[]
const elements = () => [...document.querySelectorAll('audio')]

/** A browser that plays, or one that waits for a click. */
function browser({ plays }: { plays: () => boolean }): void {
  vi.stubGlobal('MediaStream', FakeStream)
  const playing = new WeakSet<HTMLMediaElement>()
  vi.spyOn(HTMLMediaElement.prototype, 'paused', 'get').mockImplementation(function (this: HTMLMediaElement) {
    return !playing.has(this)
  })
  vi.spyOn(HTMLMediaElement.prototype, 'srcObject', 'set').mockImplementation(() => undefined)
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockImplementation(function (this: HTMLMediaElement) {
    if (!plays()) return Promise.reject(new DOMException('', 'NotAllowedError'))
    playing.add(this)
    return Promise.resolve()
  })
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('remote audio', () => {
  it('has one element a slot, also after a reconnect, and none after the end', () => {
    browser({ plays: () => true })
    const audio = new AudioElements(document, null)
    audio.play(slots)
    audio.play(slots)
    expect(elements().map((element) => element.getAttribute('data-slot'))).toEqual(['0', '1', '2'])
    expect(audio.playing).toBe(true)
    audio.close()
    audio.close()
    audio.play(slots)
    expect(elements()).toEqual([])
  })

  it('says that the browser waits for a click, until one click starts all', async () => {
    let clicked = false
    browser({ plays: () => clicked })
    const audio = new AudioElements(document, null)
    audio.play(slots)
    await settle()
    expect([audio.blocked, audio.playing]).toEqual([true, false])
    clicked = true
    await audio.resume()
    expect([audio.blocked, audio.playing]).toEqual([false, true])
    audio.close()
  })

  it('moves to the default and back when the chosen speaker is unplugged and plugged in', async () => {
    browser({ plays: () => true })
    const asked: string[] = []
    const sinks = new WeakMap<object, string>()
    const prototype = HTMLMediaElement.prototype as unknown as Record<string, unknown>
    Object.defineProperty(prototype, 'sinkId', {
      configurable: true,
      get(this: object) {
        return sinks.get(this) ?? ''
      },
    })
    prototype['setSinkId'] = async function (this: object, id: string) {
      asked.push(id)
      sinks.set(this, id)
    }
    const audio = new AudioElements(document, 'usb')
    audio.play(slots.slice(0, 1))
    await settle()
    await audio.redirect(false)
    // Both at once, as when a plug wobbles: each takes its turn.
    await Promise.all([audio.redirect(true), audio.redirect(false), audio.redirect(true)])
    expect(asked).toEqual(['usb', '', '', 'usb', '', '', 'usb'])
    audio.close()
    delete prototype['sinkId']
    delete prototype['setSinkId']
  })
})
