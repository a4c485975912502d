// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest'
import { ofKind, tapeChoiceFrom, useDevices } from './devices-store.ts'
import { meterValue } from './meter-scale.ts'

describe('devices', () => {
  beforeEach(() => localStorage.clear())

  it('lists real devices of one kind, not the names for the system default', () => {
    const devices = [
      { kind: 'audioinput', deviceId: 'default', label: 'Default' },
      { kind: 'audioinput', deviceId: 'communications', label: 'Communications' },
      { kind: 'audioinput', deviceId: 'usb', label: 'USB' },
      { kind: 'audiooutput', deviceId: 'speaker', label: 'Speaker' },
      { kind: 'audioinput', deviceId: '', label: '' },
    ] as const
    expect(ofKind(devices, 'audioinput')).toEqual([{ id: 'usb', label: 'USB' }])
  })

  it('keeps the choice in this browser, and forgets it for the system default', () => {
    useDevices.getState().chooseMicrophone('usb')
    expect([useDevices.getState().microphoneId, localStorage.getItem('engawa.microphone')]).toEqual(['usb', 'usb'])
    useDevices.getState().chooseMicrophone(null)
    expect([useDevices.getState().microphoneId, localStorage.getItem('engawa.microphone')]).toEqual([null, null])
  })

  it('keeps what is to be recorded here; what it does not understand is the default', () => {
    for (const choice of [
      { sources: 'both', stereo: true },
      { sources: 'unprocessed', stereo: false },
    ] as const) {
      useDevices.getState().chooseTape(choice)
      expect(tapeChoiceFrom(localStorage.getItem('engawa.tape'))).toEqual(choice)
    }
    for (const text of [null, '', 'nonsense', 'Both stereo'])
      expect(tapeChoiceFrom(text)).toEqual({ sources: 'processed', stereo: false })
  })
})

describe('meter', () => {
  it('goes from -60 dBFS to full in even steps of dB', () => {
    expect([0, 0.001, 0.0316, 1, 2].map((level) => Number(meterValue(level).toFixed(2)))).toEqual([0, 0, 0.5, 1, 1])
  })
})
