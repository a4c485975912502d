import { expect, test } from 'vitest'
import { createFakeClock } from '../../test/fake-clock.ts'
import { settle } from '../../test/settle.ts'
import { parseStun, plainBindingSuccess } from './stun.ts'
import { StunMappings } from './stun-mappings.ts'
import type { UdpSocket } from './udp-sockets.ts'

const SERVER = '198.51.100.1'

function mappingsWith(named: string[]) {
  const asked: string[] = []
  const socket: Partial<UdpSocket> = {
    address: '192.168.1.9',
    port: 40_000,
    send: (_datagram, port, to) => asked.push(`${to}:${port}`),
  }
  const mappings = new StunMappings(named, createFakeClock(), () => [socket as UdpSocket])
  return { asked, mappings }
}

test('nobody is asked where nobody is named', async () => {
  const { asked, mappings } = mappingsWith([])
  mappings.start()
  await settle()
  expect(asked).toEqual([])
})

test('what our server knows of is asked at once, and something else when it says so', async () => {
  const { asked, mappings } = mappingsWith([])
  mappings.use([`${SERVER}:40001`])
  await settle()
  expect(asked).toEqual([`${SERVER}:40001`])
  mappings.use([])
  mappings.close()
  mappings.use([`${SERVER}:40002`])
  await settle()
  expect(asked.at(-1)).toBe(`${SERVER}:40002`)
  mappings.close()
})

test('what the operator named goes before', async () => {
  const { asked, mappings } = mappingsWith([`${SERVER}:3478`])
  mappings.use(['203.0.113.1:40001'])
  mappings.start()
  await settle()
  expect(asked).toEqual([`${SERVER}:3478`])
  mappings.close()
})

test('a mapping is forgotten when nobody sees it any more, and when its address is gone', async () => {
  const clock = createFakeClock()
  const asked: Buffer[] = []
  const socket = {
    address: '192.168.1.9',
    port: 40_000,
    send: (datagram: Uint8Array) => void asked.push(Buffer.from(datagram)),
  }
  let bound: UdpSocket[] = [socket]
  const mappings = new StunMappings([`${SERVER}:3478`], clock, () => bound)
  const answer = () => {
    const question = asked.at(-1)?.subarray(8, 20) ?? Buffer.alloc(12)
    const message = parseStun(plainBindingSuccess(question, { address: '203.0.113.50', port: 61_000 }))
    return message !== null && mappings.onResponse(message)
  }
  mappings.start()
  await settle()
  expect(answer()).toBe(true)
  expect(answer()).toBe(false)
  const base = { address: socket.address, port: socket.port }
  expect(mappings.mapped).toEqual([{ address: '203.0.113.50', port: 61_000, base }])
  clock.advance(42_000)
  expect(mappings.mapped).toHaveLength(1)
  clock.advance(1)
  expect(mappings.mapped).toEqual([])
  await settle()
  expect(answer()).toBe(true)
  expect(mappings.mapped).toHaveLength(1)
  bound = []
  expect(mappings.mapped).toEqual([])
  mappings.close()
})
