import type { StunServers } from './live-room.ts'

/**
 * Who tells a page its public address: the servers that the operator named; else the relays, for rooms on a person's own
 * computer, whose router lets in only those that the computer has called (RFC 8445 §2). A relay can be reached as it is.
 */
export function stunServersFor(
  named: readonly string[],
  relays: { readonly stunServers: readonly string[] },
): StunServers {
  return ({ hosting }) => {
    if (named.length > 0) return named
    return hosting === 'desktop' ? relays.stunServers : []
  }
}
