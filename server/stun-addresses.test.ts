import { describe, expect, it } from 'vitest'
import { stunServersOf } from './stun-addresses.ts'

const host = (address: string, port = 40_000) => ({ address, port, type: 'host' })

describe('stunServersOf', () => {
  it('names public addresses, IPv6 in brackets', () => {
    expect(stunServersOf([host('203.0.113.7'), host('2001:db8::7', 40_001)])).toEqual([
      'stun:203.0.113.7:40000',
      'stun:[2001:db8::7]:40001',
    ])
  })

  it.each([
    '10.1.2.3',
    '172.20.0.1',
    '192.168.1.9',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.1.1',
    '::1',
    'fd00::2',
    'fe80::1',
  ])('does not name %s, which means nothing elsewhere', (address) => {
    expect(stunServersOf([host(address)])).toEqual([])
  })

  it('does not name an address that a router only lends', () => {
    expect(stunServersOf([{ ...host('203.0.113.7'), type: 'srflx' }])).toEqual([])
  })

  it('names a few only', () => {
    expect(stunServersOf(Array.from({ length: 9 }, (_, i) => host(`203.0.113.${i}`)))).toHaveLength(4)
  })
})
