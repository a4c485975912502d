import { describe, expect, it } from 'vitest'
import { type ChosenSpeaker, speakerPresence, speakerStep } from './speaker-presence.ts'

const speakers = (...ids: string[]) => ids.map((id) => ({ id, label: id }))
const chosen = (speakerId: string | null, ...ids: string[]): ChosenSpeaker => ({
  speakerId,
  speakers: speakers(...ids),
})

describe('speakerPresence', () => {
  it.each([
    ['default', chosen(null, 'usb')],
    ['unknown', chosen('usb')],
    ['here', chosen('usb', 'built-in', 'usb')],
    ['gone', chosen('usb', 'built-in')],
  ])('is %s', (presence, speaker) => expect(speakerPresence(speaker)).toBe(presence))
})

describe('speakerStep', () => {
  const here = chosen('usb', 'built-in', 'usb')
  const gone = chosen('usb', 'built-in')
  const unknown = chosen('usb')

  it.each([
    ['plays where one chooses', gone, chosen('built-in', 'built-in'), 'choose'],
    ['plays by the default when one chooses that', here, chosen(null, 'built-in', 'usb'), 'choose'],
    ['falls back when the chosen one is unplugged', here, gone, 'fall-back'],
    ['falls back when it was the only one', here, unknown, 'fall-back'],
    ['restores it when it is plugged in again', gone, here, 'restore'],
    ['takes no detour when the names become known', unknown, here, 'choose'],
    ['has played by the default from the start', unknown, gone, 'nothing'],
    ['ignores other devices', here, chosen('usb', 'usb'), 'nothing'],
    ['ignores the list while it plays by the default', chosen(null, 'usb'), chosen(null), 'nothing'],
  ] as const)('%s', (_, before, now, step) => expect(speakerStep(before, now)).toBe(step))
})
