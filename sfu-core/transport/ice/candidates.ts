import { isIPv4, isIPv6 } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'

/** One address a browser may try to reach the node at (RFC 8839 §5.1). */
export interface Candidate {
  foundation: string
  priority: number
  address: string
  port: number
  type: 'host' | 'srflx'
  related: { address: string; port: number } | null
}

export interface BoundAddress {
  address: string
  port: number
}

/** What STUN servers see of a socket of ours. */
export interface MappedAddress extends BoundAddress {
  base: BoundAddress
}

const IPV4_LOOPBACK = '127.0.0.1'
const IPV6_LOOPBACK = '::1'
/** RFC 8445 §5.1.2.2. */
const TYPE_PREFERENCE = { host: 126, srflx: 100 } as const
/** Addresses of one machine are few; containers' bridges can make them many. */
const MAX_ADDRESSES = 16
/** A card may have many addresses of one network (RFC 8981 makes a temporary one each day); two are enough to be found. */
const MAX_PER_IPV6_NETWORK = 2

/**
 * The addresses to listen on: every address of every card, and 127.0.0.1 for a browser on this machine
 * without a card. Link-local ones are left out: they mean nothing without a zone, which browsers refuse.
 * `only` restricts to the named ones (::1 needs to be named); `unfit` are IPv6 addresses that will not last (ipv6-flags.ts).
 */
export function hostAddresses(
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>,
  only: readonly string[] | undefined,
  unfit: ReadonlySet<string> = new Set(),
): string[] {
  const all = Object.values(interfaces).flatMap((infos) => infos ?? [])
  const outer = all.filter((info) => !info.internal && !isLinkLocal(info.address)).map((info) => info.address)
  const cards = [...new Set(outer)].filter((address) => !unfit.has(address))
  const loopback = only?.includes(IPV6_LOOPBACK) ? [IPV4_LOOPBACK, IPV6_LOOPBACK] : [IPV4_LOOPBACK]
  const found = [...cards.filter(isIPv4), ...firstOfEachNetwork(cards.filter(isIPv6)), ...loopback]
  const wanted = only ? found.filter((address) => only.includes(address)) : found
  // Loopback is not what a machine with very many addresses should lose.
  return wanted.length <= MAX_ADDRESSES ? wanted : [...wanted.slice(0, MAX_ADDRESSES - 1), IPV4_LOOPBACK]
}

function firstOfEachNetwork(addresses: string[]): string[] {
  const counts = new Map<string, number>()
  return addresses.filter((address) => {
    const network = ipv6Network(address)
    const count = (counts.get(network) ?? 0) + 1
    counts.set(network, count)
    return count <= MAX_PER_IPV6_NETWORK
  })
}

/** The first 64 bits as text: what RFC 4291 §2.5.1 calls the subnet prefix. */
export function ipv6Network(address: string): string {
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = tail === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill('0'), ...right]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16))
    .join(':')
}

function isLinkLocal(address: string): boolean {
  return address.startsWith('169.254.') || /^fe[89ab]/i.test(address)
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

interface CandidateSources {
  bound: readonly BoundAddress[]
  /** Public addresses that forward to us, port by port. */
  announced: readonly string[]
  mapped: readonly MappedAddress[]
}

/** Best first: announced addresses, cards, what STUN saw, loopback. */
export function candidatesOf(sources: CandidateSources): Candidate[] {
  const announced = sources.announced.flatMap((address) => announcedAt(address, sources.bound))
  const cards = sources.bound.filter((bound) => !isLoopback(bound.address))
  const loopback = sources.bound.filter((bound) => isLoopback(bound.address))
  const known = new Set([...announced, ...cards].map((bound) => `${bound.address} ${bound.port}`))
  const mapped = sources.mapped.filter((found) => !known.has(`${found.address} ${found.port}`))
  const ordered = [
    ...[...announced, ...cards].map(hostCandidate),
    ...mapped.map(({ address, port, base }) => ({ address, port, type: 'srflx' as const, related: base })),
    ...loopback.map(hostCandidate),
  ]
  return ordered.map((candidate, i) => ({
    ...candidate,
    foundation: String(i + 1),
    priority: ((TYPE_PREFERENCE[candidate.type] << 24) | ((65535 - i) << 8) | 255) >>> 0,
  }))
}

/** The port of a card's socket of the same family: that is the one a port forwarding leads to. */
function announcedAt(address: string, bound: readonly BoundAddress[]): BoundAddress[] {
  const sameFamily = bound.filter((candidate) => isIPv6(candidate.address) === isIPv6(address))
  const socket = sameFamily.find((candidate) => !isLoopback(candidate.address)) ?? sameFamily[0] ?? bound[0]
  return socket ? [{ address, port: socket.port }] : []
}

function hostCandidate({ address, port }: BoundAddress) {
  return { address, port, type: 'host' as const, related: null }
}
