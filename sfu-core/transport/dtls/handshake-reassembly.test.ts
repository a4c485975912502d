import { describe, expect, it } from 'vitest'
import { createRandom } from '../../test/random.ts'
import { fragmentMessage, type HandshakeFragment, readFragments, writeMessage } from './handshake-messages.ts'
import { HandshakeReassembly } from './handshake-reassembly.ts'

const CERTIFICATE = 11

function message(sequence: number, length: number): Buffer {
  return writeMessage(CERTIFICATE, sequence, Buffer.from(Array.from({ length }, (_, i) => (i * 7 + sequence) & 0xff)))
}

function fragmentsOf(whole: Buffer, maxBytes: number): HandshakeFragment[] {
  return fragmentMessage(whole, maxBytes).flatMap(readFragments)
}

describe('HandshakeReassembly', () => {
  it('gives messages in order, whatever the order, size and repetition of their fragments', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = createRandom(seed)
      const messages = [0, 1, 2, 3].map((sequence) => message(sequence, random.int(2_000)))
      const waiting = messages.flatMap((whole) => [
        ...fragmentsOf(whole, 1 + random.int(300)),
        ...fragmentsOf(whole, 97),
      ])
      const reassembly = new HandshakeReassembly()
      const taken: Buffer[] = []
      while (waiting.length > 0) {
        const [fragment] = waiting.splice(random.int(waiting.length), 1)
        if (fragment) reassembly.add(fragment)
        for (let next = reassembly.take(); next; next = reassembly.take()) taken.push(next.bytes)
      }
      expect([seed, taken]).toEqual([seed, messages])
    }
  })

  it('is not led astray by fragments that contradict the first of their message', () => {
    const reassembly = new HandshakeReassembly()
    const whole = message(0, 300)
    const [first, second] = fragmentsOf(whole, 200)
    if (!first || !second) throw new Error('two fragments')
    reassembly.add(first)
    reassembly.add({ ...second, length: 290 })
    reassembly.add({ ...second, type: 20 })
    expect(reassembly.take()).toBeNull()
    reassembly.add(second)
    expect(reassembly.take()?.bytes).toEqual(whole)
  })

  it('keeps little: no giants, none that is far ahead, no more than a flight of them', () => {
    const reassembly = new HandshakeReassembly()
    const piece = { type: CERTIFICATE, sequence: 0, offset: 0, bytes: Buffer.alloc(100) }
    reassembly.add({ ...piece, length: 0xffffff })
    reassembly.add({ ...piece, length: 100, sequence: 9 })
    for (const sequence of [1, 2, 3]) reassembly.add({ ...piece, length: 12_000, sequence })
    reassembly.add({ ...piece, length: 100 })
    expect(reassembly.take()?.bytes).toHaveLength(112)
    // The third of those would have been too much.
    const rest = { type: CERTIFICATE, offset: 0, bytes: Buffer.alloc(12_000), length: 12_000 }
    reassembly.add({ ...rest, sequence: 1 })
    reassembly.add({ ...rest, sequence: 2 })
    expect([reassembly.take()?.sequence, reassembly.take()?.sequence, reassembly.take()]).toEqual([1, 2, null])
  })
})

describe('readFragments', () => {
  it('reads none that says more than it has', () => {
    const whole = message(0, 50)
    for (let length = 0; length < whole.length; length++) expect(readFragments(whole.subarray(0, length))).toEqual([])
    const outside = Buffer.from(whole)
    outside.writeUIntBE(10, 6, 3)
    expect(readFragments(outside)).toEqual([])
  })
})
