import { describe, expect, it } from 'vitest'
import type { MicrophoneAnswer } from '../room-session/ports.ts'
import { FakeMicrophone, settle } from '../room-session/test/fakes.ts'
import type { TapeTrack } from './tape-recorder.ts'
import { TapeSignals } from './tape-signals.ts'

function bench() {
  const opened: { microphone: FakeMicrophone; stereo: boolean }[] = []
  const told: (readonly TapeTrack[])[] = []
  const port = {
    answer: (microphone: FakeMicrophone): MicrophoneAnswer => ({ ok: true, microphone }),
    openUnprocessed: async (deviceId: string, stereo: boolean) => {
      const microphone = new FakeMicrophone(deviceId)
      opened.push({ microphone, stereo })
      return port.answer(microphone)
    },
  }
  const signals = new TapeSignals({ port, onTracks: (tracks) => void told.push(tracks) })
  const sources = () => told.at(-1)?.map(({ source }) => source) ?? []
  return { opened, port, signals, sources, told }
}

const BOTH = { sources: 'both', stereo: true } as const

describe('the signals that are taped', () => {
  it('are those of the own microphone, which stays its own', () => {
    const { signals, sources, opened } = bench()
    const own = new FakeMicrophone('a')
    signals.want({ sources: 'processed', stereo: false })
    signals.setMicrophone(own)
    expect(sources()).toEqual(['processed'])
    signals.close()
    expect(opened).toEqual([])
    expect(own.fake.stopped).toBe(false)
  })

  it('are none where nothing is taped, and then no second one is held', async () => {
    const { signals, sources, opened } = bench()
    signals.setMicrophone(new FakeMicrophone('a'))
    expect(sources()).toEqual([])
    expect(opened).toEqual([])
    signals.want(BOTH)
    await settle()
    expect(sources()).toEqual(['processed', 'unprocessed'])
    expect(opened[0]).toMatchObject({ stereo: true, microphone: { deviceId: 'a' } })
    signals.want(null)
    expect(sources()).toEqual([])
    expect(opened[0]?.microphone.fake.stopped).toBe(true)
  })

  it('are muted together', async () => {
    const { signals, opened } = bench()
    signals.setMicrophone(new FakeMicrophone('a'))
    signals.want(BOTH)
    await settle()
    expect(opened[0]?.microphone.fake.enabled).toBe(false)
    signals.setOpen(true)
    expect(opened[0]?.microphone.fake.enabled).toBe(true)
    signals.setMicrophone(new FakeMicrophone('b'))
    await settle()
    expect(opened[1]?.microphone.fake.enabled).toBe(true)
    signals.setOpen(false)
    expect(opened[1]?.microphone.fake.enabled).toBe(false)
  })

  it('follow the own microphone to another device', async () => {
    const { signals, opened, sources } = bench()
    signals.want(BOTH)
    signals.setMicrophone(new FakeMicrophone('a'))
    await settle()
    signals.setMicrophone(new FakeMicrophone('b'))
    await settle()
    expect(opened.map(({ microphone }) => microphone.deviceId)).toEqual(['a', 'b'])
    expect(opened.map(({ microphone }) => microphone.fake.stopped)).toEqual([true, false])
    expect(sources()).toEqual(['processed', 'unprocessed'])
    signals.setMicrophone(null)
    expect(sources()).toEqual([])
    expect(opened[1]?.microphone.fake.stopped).toBe(true)
  })

  it('an answer that comes too late is given back', async () => {
    const { signals, opened } = bench()
    signals.want(BOTH)
    signals.setMicrophone(new FakeMicrophone('a'))
    signals.want(null)
    await settle()
    expect(opened[0]?.microphone.fake.stopped).toBe(true)
  })

  it('who wants the unprocessed one only, and cannot have it, is taped as the others hear them', async () => {
    const { signals, port, sources } = bench()
    port.answer = () => ({ ok: false, problem: 'in-use' })
    signals.want({ sources: 'unprocessed', stereo: false })
    signals.setMicrophone(new FakeMicrophone('a'))
    expect(sources()).toEqual([])
    await settle()
    expect(sources()).toEqual(['processed'])
  })

  it('so too when it ends by itself', async () => {
    const { signals, opened, sources } = bench()
    signals.want({ sources: 'unprocessed', stereo: false })
    signals.setMicrophone(new FakeMicrophone('a'))
    await settle()
    expect(sources()).toEqual(['unprocessed'])
    opened[0]?.microphone.unplug()
    expect(sources()).toEqual(['processed'])
  })
})
