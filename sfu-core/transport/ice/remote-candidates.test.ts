import { describe, expect, it } from 'vitest'
import { isPlausiblePair, parseCandidate } from './remote-candidates.ts'

const UFRAG = 'abcd'
const parse = (line: string) => parseCandidate(line, UFRAG)
const host = (address: string, port = 50_000) => `candidate:1 1 udp 2122260223 ${address} ${port} typ host`

describe('parseCandidate', () => {
  it.each([
    // Chromium 156, Firefox 153, libnice: as they write them.
    [
      'candidate:1467250027 1 udp 2122260223 192.168.1.34 46154 typ host generation 0 ufrag abcd network-id 1',
      { address: '192.168.1.34', port: 46_154, priority: 2_122_260_223 },
    ],
    [
      'a=candidate:1 1 UDP 1686052863 203.0.113.7 61000 typ srflx raddr 0.0.0.0 rport 0',
      { address: '203.0.113.7', port: 61_000, priority: 1_686_052_863 },
    ],
    ['candidate:4 1 udp 1 2001:DB8:0:0:0::7 5000 typ host', { address: '2001:db8::7', port: 5_000, priority: 1 }],
  ])('reads %s', (line, candidate) => {
    expect(parse(line)).toEqual(candidate)
  })

  it.each([
    ['TCP', 'candidate:1 1 tcp 1518280447 192.0.2.1 9000 typ host tcptype active'],
    ['the component of RTCP', 'candidate:1 2 udp 1 192.0.2.1 9000 typ host'],
    ['a name of mDNS', 'candidate:1 1 udp 2113937151 0f3c-11.local 51000 typ host'],
    ["another try's user name fragment", `${host('192.0.2.1')} generation 0 ufrag wxyz`],
    ['a system port', host('192.0.2.1', 53)],
    ['an impossible port', host('192.0.2.1', 65_536)],
    ['an impossible address', host('192.0.2.300')],
    ['the unspecified address', host('0.0.0.0')],
    ['loopback', host('127.0.0.1')],
    ['link-local', host('169.254.1.1')],
    ['multicast', host('239.1.2.3')],
    ['broadcast', host('255.255.255.255')],
    ['the unspecified IPv6 address', host('::')],
    ['IPv6 loopback', host('::1')],
    ['IPv6 link-local', host('fe80::1')],
    ['IPv6 multicast', host('ff02::1')],
    ['IPv4 in IPv6 clothes', host('::ffff:127.0.0.1')],
    ['IPv4 in other IPv6 clothes', host('::7f00:1')],
    ['a line that is too long', `${host('192.0.2.1')} x ${'y'.repeat(300)}`],
    ['nonsense', 'candidate:'],
    ['nothing', ''],
  ])('leaves out %s', (_what, line) => {
    expect(parse(line)).toBeNull()
  })
})

describe('isPlausiblePair', () => {
  const at = (address: string) => ({ address, port: 4_000 })

  it.each([
    ['203.0.113.1', '198.51.100.1', true],
    ['192.168.1.2', '198.51.100.1', true],
    ['192.168.1.2', '192.168.1.9', true],
    ['10.0.0.2', '100.64.0.9', true],
    ['203.0.113.1', '192.168.1.9', false],
    ['203.0.113.1', '100.64.0.9', false],
    ['127.0.0.1', '198.51.100.1', false],
    ['203.0.113.1', '2001:db8::1', false],
    ['2001:db8::2', '2001:db8::1', true],
    ['2001:db8::2', 'fd00::1', false],
    ['fd00::2', 'fd00::1', true],
    ['::1', '2001:db8::1', false],
  ])('from %s to %s: %s', (own, remote, plausible) => {
    expect(isPlausiblePair(at(own), at(remote))).toBe(plausible)
  })
})
