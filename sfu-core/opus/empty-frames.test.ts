import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Encoder } from 'node-av/api'
import { AV_CHANNEL_LAYOUT_MONO, AV_SAMPLE_FMT_S16, FF_ENCODER_LIBOPUS } from 'node-av/constants'
import { Frame } from 'node-av/lib'
import { expect, it } from 'vitest'
import { decodeOpus } from './decode.fixture.ts'
import { carriesFec, OpusFrames, splitOpusPacket } from './frames.ts'
import { Repacketizer } from './repacketize.ts'

/** Empty frames before, in and after a voice (AudiencePacer), as libopus decodes them. */

interface Fixture {
  modes: { name: string; channels: 1 | 2; packets: string[] }[]
}

const fixture: Fixture = JSON.parse(readFileSync(join(import.meta.dirname, 'repacketized.fixture.json'), 'utf8'))
const modes = fixture.modes.map((mode) => ({
  ...mode,
  packets: mode.packets.map((packet) => new Uint8Array(Buffer.from(packet, 'base64'))),
}))
const FRAME = 960

interface Merge {
  before?: number
  after?: number
}

function merge(packets: readonly Uint8Array[], { before = 0, after = 0 }: Merge): Uint8Array {
  const repacketizer = new Repacketizer()
  packets.forEach((packet, i) => {
    expect(repacketizer.add(packet, split(packet), i === 0 ? before : 0)).toBe(true)
  })
  expect(repacketizer.addEmpty(after)).toBe(true)
  return repacketizer.write().slice()
}

function split(packet: Uint8Array): OpusFrames {
  const frames = new OpusFrames()
  expect(splitOpusPacket(packet, frames)).toBe(true)
  return frames
}

/** Libopus's DTX, in the mode of `packet`. */
function dtx(packet: Uint8Array): Uint8Array {
  return Uint8Array.of((packet[0] ?? 0) & 0xfc)
}

async function encodeOpus(mono: Int16Array, options: Record<string, string>): Promise<Uint8Array[]> {
  using encoder = await Encoder.create(FF_ENCODER_LIBOPUS, { bitrate: 20_000, options })
  const packets: Uint8Array[] = []
  for (let at = 0; at + FRAME <= mono.length; at += FRAME) {
    using frame = Frame.fromAudioBuffer(Buffer.from(mono.buffer, at * 2, FRAME * 2), {
      sampleRate: 48_000,
      nbSamples: FRAME,
      format: AV_SAMPLE_FMT_S16,
      channelLayout: AV_CHANNEL_LAYOUT_MONO,
      pts: BigInt(at),
      timeBase: { num: 1, den: 48_000 },
    })
    for (const packet of await encoder.encodeAll(frame)) packets.push(Uint8Array.from(packet.data ?? []))
  }
  return packets
}

function rms(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
}

/** 1: the same form. */
function correlation(a: Int16Array, b: Int16Array): number {
  const dot = a.reduce((sum, sample, i) => sum + sample * (b[i] ?? 0), 0)
  return dot / (rms(a) * rms(b) * a.length)
}

it.each(modes)('lead a voice in as DTX does: $name', ({ packets, channels }) => {
  const [voice, silent, again] = [packets.slice(0, 4), dtx(packets[0] ?? Uint8Array.of()), packets.slice(4, 7)]
  // 400 ms of silence, as NetEq has the decoder make it. Then half a cell of it, packet by packet or in the voice's own.
  const before = [...voice, ...new Array(20).fill(silent)]
  const apart = decodeOpus([...before, silent, silent, silent, ...again], channels)
  const together = decodeOpus([...before, merge(again, { before: 3 })], channels)
  expect(together).toHaveLength((4 + 20 + 6) * FRAME * channels)
  expect(Buffer.from(together.buffer).equals(Buffer.from(apart.buffer))).toBe(true)
  expect(rms(together.slice(-2 * FRAME * channels))).toBeGreaterThan(500)
})

it.each(modes)('end a voice as DTX does: $name', ({ packets, channels }) => {
  const voice = packets.slice(0, 3)
  const silent = dtx(packets[0] ?? Uint8Array.of())
  const apart = decodeOpus([...voice, silent, silent, silent, silent], channels)
  const together = decodeOpus([merge(voice, { after: 3 }), silent], channels)
  expect(together).toHaveLength(7 * FRAME * channels)
  expect(Buffer.from(together.buffer).equals(Buffer.from(apart.buffer))).toBe(true)
})

it.each(modes)(
  'are silent before the very first voice, which then sounds as without: $name',
  ({ packets, channels }) => {
    const without = decodeOpus(packets.slice(0, 6), channels)
    const led = decodeOpus([merge(packets.slice(0, 1), { before: 5 }), ...packets.slice(1, 6)], channels)
    expect(led).toHaveLength((5 + 6) * FRAME * channels)
    const silence = led.slice(0, 4 * FRAME * channels)
    expect(rms(silence)).toBe(0)
    expect(correlation(led.slice(5 * FRAME * channels), without)).toBeGreaterThan(0.999)
  },
)

it.each(modes)('are concealed like a loss in the middle of a voice: $name', ({ packets, channels }) => {
  const lost = dtx(packets[4] ?? Uint8Array.of())
  const repacketizer = new Repacketizer()
  for (const [i, packet] of packets.slice(3, 6).entries()) {
    if (i !== 1) expect(repacketizer.add(packet, split(packet), i === 2 ? 1 : 0)).toBe(true)
  }
  const together = decodeOpus([...packets.slice(0, 3), repacketizer.write().slice(), ...packets.slice(6)], channels)
  const apart = decodeOpus([...packets.slice(0, 4), lost, ...packets.slice(5)], channels)
  expect(together).toHaveLength(packets.length * FRAME * channels)
  expect(Buffer.from(together.buffer).equals(Buffer.from(apart.buffer))).toBe(true)
})

it('are refused where a packet has no room', () => {
  const frame20 = Uint8Array.of(0xf8, 1, 2)
  const repacketizer = new Repacketizer()
  expect(repacketizer.add(frame20, split(frame20), 6)).toBe(false)
  expect(repacketizer.add(frame20, split(frame20), 5)).toBe(true)
  expect(repacketizer.addEmpty(1)).toBe(false)
  expect(repacketizer.add(frame20, split(frame20))).toBe(false)
  expect(repacketizer.write()).toEqual(Uint8Array.of(0xfb, 0x86, 0, 0, 0, 0, 0, 1, 2))

  const long = new Uint8Array(1_190).fill(1).fill(0xf8, 0, 1)
  repacketizer.clear()
  expect(repacketizer.add(long, split(long), 5)).toBe(false)
  expect(repacketizer.add(long, split(long))).toBe(true)
  expect(repacketizer.addEmpty(5)).toBe(false)
})

it('carriesFec tells packets that libopus made with FEC from those without', async () => {
  const wideband = modes.find(({ name }) => name === 'SILK wideband mono VBR')
  const speech = decodeOpus(wideband?.packets ?? [], 1)
  const shareWithFec = async (fec: '0' | '1') => {
    const packets = await encodeOpus(speech, { application: 'voip', fec, packet_loss: '20' })
    const voiced = packets.filter(({ length }) => length > 10)
    expect(voiced.length).toBeGreaterThan(8)
    return voiced.filter((packet) => carriesFec(packet, split(packet))).length / voiced.length
  }
  expect(await shareWithFec('1')).toBeGreaterThan(0.5)
  expect(await shareWithFec('0')).toBe(0)
})

it('carriesFec reads the flags of SILK (RFC 6716 §4.2.3), and finds none in CELT', () => {
  const fec = (toc: number, first: number) => {
    const packet = Uint8Array.of(toc, first, 1)
    return carriesFec(packet, split(packet))
  }
  // Wideband SILK and hybrid of 20 ms: a flag of voice, then that of FEC.
  for (const toc of [0x48, 0x78]) {
    expect([0x00, 0x80, 0x3f, 0x40, 0xc0].map((first) => fec(toc, first))).toEqual([false, false, false, true, true])
    // Stereo: the side channel's two follow.
    expect([0x80, 0x20, 0x10, 0x40].map((first) => fec(toc | 4, first))).toEqual([false, false, true, true])
  }
  // 40 ms: two flags of voice; 60 ms: three.
  expect([0x40, 0x20].map((first) => fec(0x50, first))).toEqual([false, true])
  expect([0x20, 0x10].map((first) => fec(0x58, first))).toEqual([false, true])
  expect([0xff, 0x40].map((first) => fec(0xf8, first))).toEqual([false, false])
  expect(carriesFec(Uint8Array.of(0x48), split(Uint8Array.of(0x48)))).toBe(false)
})
