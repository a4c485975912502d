import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { candidatesOf, hostAddresses } from './candidates.ts'

const card = (address: string, internal = false): NetworkInterfaceInfo => {
  const rest = { netmask: '', mac: '', internal, cidr: null, address }
  return address.includes(':') ? { ...rest, family: 'IPv6', scopeid: 0 } : { ...rest, family: 'IPv4' }
}

describe('hostAddresses', () => {
  it('takes every card, IPv4 first, no link-local address, and 127.0.0.1 last', () => {
    const interfaces = {
      lo: [card('127.0.0.1', true), card('::1', true)],
      eth0: [card('fd00::2'), card('fe80::1'), card('192.0.2.2'), card('169.254.3.4')],
      wlan0: [card('198.51.100.7')],
    }
    expect(hostAddresses(interfaces, undefined)).toEqual(['192.0.2.2', '198.51.100.7', 'fd00::2', '127.0.0.1'])
    expect(hostAddresses(interfaces, ['198.51.100.7'])).toEqual(['198.51.100.7'])
  })

  it('takes ::1 only where it is named', () => {
    const interfaces = { lo: [card('127.0.0.1', true), card('::1', true)] }
    expect(hostAddresses(interfaces, ['::1', '127.0.0.1'])).toEqual(['127.0.0.1', '::1'])
    expect(hostAddresses(interfaces, ['::1'])).toEqual(['::1'])
  })

  it('takes no unfit address and two of one IPv6 network at most', () => {
    const eth0 = ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:3::', '2001:db8::4', '2001:db8:0:1::1'].map((a) =>
      card(a),
    )
    expect(hostAddresses({ eth0 }, undefined, new Set(['2001:db8::2']))).toEqual([
      '2001:db8::1',
      '2001:db8:0:0:3::',
      '2001:db8:0:1::1',
      '127.0.0.1',
    ])
  })

  it('keeps loopback on a machine with more addresses than it takes', () => {
    const eth0 = Array.from({ length: 40 }, (_, i) => card(`192.0.2.${i}`))
    const found = hostAddresses({ eth0 }, undefined)
    expect(found).toHaveLength(16)
    expect(found.at(-1)).toBe('127.0.0.1')
  })

  it('has the loopback address on a machine without a card', () => {
    expect(hostAddresses({}, undefined)).toEqual(['127.0.0.1'])
  })
})

describe('candidatesOf', () => {
  it('puts announced addresses first and loopback last, each with its port', () => {
    const candidates = candidatesOf({
      bound: [
        { address: '192.0.2.2', port: 4_000 },
        { address: 'fd00::2', port: 4_001 },
        { address: '127.0.0.1', port: 4_000 },
      ],
      announced: ['203.0.113.9', '2001:db8::9'],
      mapped: [
        { address: '203.0.113.50', port: 61_000, base: { address: '192.0.2.2', port: 4_000 } },
        { address: '192.0.2.2', port: 4_000, base: { address: '192.0.2.2', port: 4_000 } },
      ],
    })
    expect(candidates.map(({ address, port, type }) => `${address} ${port} ${type}`)).toEqual([
      '203.0.113.9 4000 host',
      '2001:db8::9 4001 host',
      '192.0.2.2 4000 host',
      'fd00::2 4001 host',
      '203.0.113.50 61000 srflx',
      '127.0.0.1 4000 host',
    ])
    expect(new Set(candidates.map(({ priority }) => priority)).size).toBe(6)
    expect(candidates[0]?.priority).toBeLessThan(2 ** 31)
  })
})
