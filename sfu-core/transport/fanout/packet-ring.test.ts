import { expect, it } from 'vitest'
import { PacketRing, RING_PACKETS } from './packet-ring.ts'

const packet = (first: number) => ({ timestamp: first, speakerNumber: 1, marker: false, payload: Uint8Array.of(first) })

it('keeps copies of the last packets by their index', () => {
  const ring = new PacketRing()
  const payload = Uint8Array.of(7)
  expect(ring.push({ ...packet(0), payload })).toBe(0)
  payload[0] = 8
  expect(ring.get(0)?.payload).toEqual(Uint8Array.of(7))
  for (let i = 1; i <= RING_PACKETS; i++) ring.push(packet(i))
  expect(ring.get(0)).toBeNull()
  expect(ring.get(1)?.timestamp).toBe(1)
  expect(ring.get(RING_PACKETS)?.timestamp).toBe(RING_PACKETS)
  expect(ring.get(RING_PACKETS + 1)).toBeNull()
  expect(ring.get(-1)).toBeNull()
  expect(ring.nextIndex).toBe(RING_PACKETS + 1)
})
