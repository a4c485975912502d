import { describe, expect, it } from 'vitest'
import { takeIdSchema } from '../../sfu-core/contract/ids.ts'
import { FakeClock, FakeTapes, FakeTrack } from '../room-session/test/fakes.ts'
import { DEFAULT_TAPE_CHOICE, type TapeChoice } from './tape-port.ts'
import { TapeRecorder, type TapeSituation, type TapeTrack } from './tape-recorder.ts'

const TAKE = takeIdSchema.parse('take1')
const RECORDED: TapeSituation = { seat: 'seat1', roomTitle: 'Tea', takeId: TAKE, onStage: true, consent: true }

function tapeTrack(source: TapeTrack['source'] = 'processed', channelCount = 1): TapeTrack {
  const track = new FakeTrack()
  track.channelCount = channelCount
  return { track: track as unknown as MediaStreamTrack, source, label: `Fake ${source}` }
}

function bench(choice: TapeChoice = DEFAULT_TAPE_CHOICE) {
  const port = new FakeTapes()
  const clock = new FakeClock()
  const wanted: (TapeChoice | null)[] = []
  const recorder = new TapeRecorder({ port, clock, choice, wantSources: (want) => void wanted.push(want) })
  return { port, clock, wanted, recorder, ends: () => port.begun.map(({ end }) => end) }
}

describe('the own tape', () => {
  it('begins when one is on stage, the room is recorded and one has agreed; and not before', () => {
    const { port, wanted, recorder } = bench()
    recorder.setTracks([tapeTrack()])
    for (const missing of [{ seat: null }, { takeId: null }, { onStage: false }, { consent: false }])
      recorder.see({ ...RECORDED, ...missing })
    expect(port.begun).toEqual([])
    expect(wanted.at(-1)).toBeNull()
    recorder.see(RECORDED)
    expect(wanted.at(-1)).toEqual(DEFAULT_TAPE_CHOICE)
    expect(port.begun[0]?.request).toMatchObject({
      takeId: TAKE,
      source: 'processed',
      channels: 1,
      deviceLabel: 'Fake processed',
      seat: 'seat1',
      roomTitle: 'Tea',
    })
    expect(recorder.view.get()).toMatchObject({ state: 'on', takeId: TAKE })
  })

  it('goes on whatever the room says that does not matter', () => {
    const { port, recorder, ends } = bench()
    const track = tapeTrack()
    recorder.setTracks([track])
    for (let i = 0; i < 3; i += 1) recorder.see({ ...RECORDED, seat: `seat${i}`, roomTitle: `Tea ${i}` })
    recorder.setTracks([track])
    expect(port.begun).toHaveLength(1)
    expect(ends()).toEqual([null])
  })

  it.each([
    [{ takeId: null }, 'take-ended'],
    [{ onStage: false }, 'off-stage'],
    [{ consent: false }, 'declined'],
  ] as const)('ends with %o, and says why', (change, why) => {
    const { recorder, ends } = bench()
    recorder.setTracks([tapeTrack()])
    recorder.see(RECORDED)
    recorder.see({ ...RECORDED, ...change })
    recorder.setTracks([])
    expect(ends()).toEqual([why])
    expect(recorder.view.get()).toEqual({ state: 'off' })
  })

  it('is another one for another take, another device and another width', () => {
    const { port, recorder, ends } = bench()
    recorder.setTracks([tapeTrack('processed', 2)])
    recorder.see(RECORDED)
    recorder.see({ ...RECORDED, takeId: takeIdSchema.parse('take2') })
    recorder.setTracks([tapeTrack('processed', 2)])
    recorder.choose({ sources: 'processed', stereo: true })
    expect(ends()).toEqual(['take-ended', 'device-changed', 'device-changed', null])
    expect(port.begun.map(({ request }) => request.channels)).toEqual([1, 1, 1, 2])
  })

  it('is mono where the microphone is', () => {
    const { port, recorder } = bench({ sources: 'processed', stereo: true })
    recorder.setTracks([tapeTrack('processed', 1)])
    recorder.see(RECORDED)
    expect(port.begun[0]?.request.channels).toBe(1)
  })

  it('is two where both signals are there', () => {
    const { port, recorder, ends } = bench({ sources: 'both', stereo: false })
    recorder.see(RECORDED)
    const processed = tapeTrack()
    recorder.setTracks([processed])
    recorder.setTracks([processed, tapeTrack('unprocessed')])
    expect(port.begun.map(({ request }) => request.source)).toEqual(['processed', 'unprocessed'])
    recorder.close('left')
    expect(ends()).toEqual(['left', 'left'])
  })

  it('begins anew a second after its capture failed', async () => {
    const { port, clock, recorder } = bench()
    recorder.setTracks([tapeTrack()])
    recorder.see(RECORDED)
    port.begun[0]?.request.onLost()
    recorder.see(RECORDED)
    expect(port.begun).toHaveLength(1)
    await clock.advance(1_000)
    expect(port.begun).toHaveLength(2)
    // What the old one says later is of no interest.
    port.begun[0]?.request.onLost()
    await clock.advance(5_000)
    expect(port.begun).toHaveLength(2)
  })

  it('closed, begins no more and leaves no timer', async () => {
    const { port, clock, recorder } = bench()
    recorder.setTracks([tapeTrack()])
    recorder.see(RECORDED)
    port.begun[0]?.request.onLost()
    recorder.close('left')
    recorder.close('left')
    recorder.see(RECORDED)
    recorder.setTracks([tapeTrack()])
    await clock.advance(10_000)
    expect(port.begun).toHaveLength(1)
    expect(clock.pending).toBe(0)
    expect(recorder.view.get()).toEqual({ state: 'off' })
  })
})
