import { readFileSync } from 'node:fs'
import { ipv6Network } from './candidates.ts'
import { canonical } from './remote-candidates.ts'

/** linux/if_addr.h. */
const FLAG = { temporary: 0x01, dadFailed: 0x08, deprecated: 0x20, tentative: 0x40 } as const
const GONE_OR_NOT_YET = FLAG.dadFailed | FLAG.deprecated | FLAG.tentative
const LINUX_ADDRESSES = '/proc/net/if_inet6'

/**
 * IPv6 addresses of this machine that nobody should be sent to: those that are not valid yet or not for long any more,
 * and temporary ones (RFC 8981: made for privacy of clients, gone in a day) where the network gave a stable one too. Known on
 * Linux only; elsewhere none.
 */
export function unfitIpv6Addresses(): ReadonlySet<string> {
  try {
    return unfitOf(readFileSync(LINUX_ADDRESSES, 'latin1'))
  } catch {
    return new Set()
  }
}

/** `table`: lines of 32 hex digits, interface index, prefix length, scope, flags, name. */
export function unfitOf(table: string): ReadonlySet<string> {
  const entries = table.split('\n').flatMap((line) => {
    const [hex = '', , , , flags = ''] = line.trim().split(/\s+/)
    const address = /^[0-9a-f]{32}$/.test(hex) ? canonical(hex.replace(/(....)(?!$)/g, '$1:')) : null
    return address === null ? [] : [{ address, flags: Number.parseInt(flags, 16) }]
  })
  const isTemporary = (flags: number) => (flags & FLAG.temporary) !== 0
  const usable = entries.filter(({ flags }) => (flags & GONE_OR_NOT_YET) === 0)
  const stable = new Set(usable.filter(({ flags }) => !isTemporary(flags)).map(({ address }) => ipv6Network(address)))
  const unfit = entries.filter(
    (entry) => !usable.includes(entry) || (isTemporary(entry.flags) && stable.has(ipv6Network(entry.address))),
  )
  return new Set(unfit.map(({ address }) => address))
}
