import { BlockList, isIP, isIPv6, SocketAddress } from 'node:net'
import { CANDIDATE_MAX_CHARS } from '../../contract/limits.ts'
import type { BoundAddress } from './candidates.ts'

/** An address where the peer says it may be reached (RFC 8839 §5.1). Not proved by anything. */
export interface RemoteCandidate extends BoundAddress {
  priority: number
}

/** candidate-attribute of RFC 8839 §5.1: foundation, component, transport, priority, address, port, type, extensions. */
const CANDIDATE =
  /^(?:a=)?candidate:[A-Za-z0-9+/]{1,32} 1 udp (\d{1,10}) ([0-9A-Fa-f.:]{2,45}) (\d{1,5}) typ [a-z]+( .*)?$/i
const UFRAG = / ufrag ([^ ]+)/
/**
 * Neither browsers nor NATs use system ports (RFC 6056 §3.2, RFC 4787 REQ-3); DNS, NTP and most of what could be
 * annoyed by a STUN message live there.
 */
const LOWEST_PORT = 1_024

type Subnet = [address: string, prefix: number]

/** One list per family: in a common one `::ffff:0:0/96` would hold every IPv4 address. */
interface Subnets {
  ipv4: BlockList
  ipv6: BlockList
}

/** Nobody's own address, or everybody's: unspecified, loopback, link-local, multicast, reserved, broadcast (RFC 6890). */
const NEVER = subnets({
  ipv4: [
    ['0.0.0.0', 8],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['192.0.0.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ],
  // IPv4 in IPv6 clothes as well: NAT64 would lead to whatever is left out above.
  ipv6: [
    ['::', 96],
    ['::ffff:0:0', 96],
    ['64:ff9b::', 32],
    ['100::', 64],
    ['fe80::', 10],
    ['fec0::', 10],
    ['ff00::', 8],
  ],
})
/** A network's inside: RFC 1918, RFC 6598 (carriers, Tailscale), RFC 4193. */
const PRIVATE = subnets({
  ipv4: [
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['100.64.0.0', 10],
  ],
  ipv6: [['fc00::', 7]],
})

function subnets(of: { ipv4: Subnet[]; ipv6: Subnet[] }): Subnets {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const [address, prefix] of of.ipv4) lists.ipv4.addSubnet(address, prefix, 'ipv4')
  for (const [address, prefix] of of.ipv6) lists.ipv6.addSubnet(address, prefix, 'ipv6')
  return lists
}

function isIn(list: Subnets, address: string): boolean {
  return isIPv6(address) ? list.ipv6.check(address, 'ipv6') : list.ipv4.check(address, 'ipv4')
}

/**
 * Reads one `candidate:` line, with or without `a=`. Null for what no check is sent to: TCP, RTCP's component, names
 * (`.local` of mDNS too: only the same network could resolve it), another try's user name fragment, impossible addresses.
 */
export function parseCandidate(line: string, ufrag: string): RemoteCandidate | null {
  if (line.length > CANDIDATE_MAX_CHARS) return null
  const match = CANDIDATE.exec(line)
  if (!match) return null
  const [, priority = '', address = '', port = '', extensions = ''] = match
  const candidate = { address: canonical(address), port: Number(port), priority: Number(priority) }
  const named = UFRAG.exec(extensions)?.[1]
  return (named === undefined || named === ufrag) && mayBeReached(candidate) ? candidate : null
}

/** As the kernel writes it, so that texts can be compared. */
export function canonical(address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address
}

function mayBeReached({ address, port }: BoundAddress): boolean {
  return isIP(address) !== 0 && port >= LOWEST_PORT && port <= 65_535 && !isIn(NEVER, address)
}

/**
 * Whether a check may leave from `own` for `remote`. A private address is looked for only from a private one: a
 * public node has no business in the networks around it.
 */
export function isPlausiblePair(own: BoundAddress, remote: BoundAddress): boolean {
  if (isIPv6(own.address) !== isIPv6(remote.address) || isIn(NEVER, own.address)) return false
  return !isIn(PRIVATE, remote.address) || isIn(PRIVATE, own.address)
}
