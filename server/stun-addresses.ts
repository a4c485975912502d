import { BlockList, isIPv6 } from 'node:net'
import { STUN_SERVERS_COUNT } from '../sfu-core/contract/limits.ts'

/** Addresses that mean nothing outside their own network (IANA's special-purpose registries, RFC 6890). */
const NOT_PUBLIC = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv6')
}

interface Place {
  address: string
  port: number
  type: string
}

/** `stun:` URLs (RFC 7064) of a node's own public addresses. What another STUN server saw of it lets nobody in. */
export function stunServersOf(candidates: readonly Place[]): string[] {
  return candidates
    .filter(({ address, type }) => type === 'host' && isPublic(address))
    .slice(0, STUN_SERVERS_COUNT)
    .map(({ address, port }) => `stun:${isIPv6(address) ? `[${address}]` : address}:${port}`)
}

function isPublic(address: string): boolean {
  return !NOT_PUBLIC.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
