import { isIPv4 } from 'node:net'
import { addressBytes } from '../ice/stun-address.ts'

/** Room for a sockaddr_in6, the larger one. */
export const SOCKADDR_BYTES = 28

const SOCKADDR_IN = { family: 2, lengthBytes: 16, addressAt: 4 } as const
const SOCKADDR_IN6 = { family: 10, lengthBytes: 28, addressAt: 8 } as const

/**
 * Writes Linux's struct sockaddr_in or sockaddr_in6 at `offset` (in 32-bit words) on a little-endian machine; gives its length in
 * bytes. The scope of a link-local address is left out: such addresses are not used.
 */
export function writeSockaddr(
  into: Uint32Array,
  offset: number,
  { address, port }: { address: string; port: number },
): number {
  const { family, lengthBytes, addressAt } = isIPv4(address) ? SOCKADDR_IN : SOCKADDR_IN6
  const bytes = new DataView(into.buffer, into.byteOffset + offset * 4, lengthBytes)
  for (let i = 0; i < lengthBytes; i++) bytes.setUint8(i, 0)
  bytes.setUint16(0, family, true)
  bytes.setUint16(2, port)
  let at = addressAt
  for (const byte of addressBytes(address)) bytes.setUint8(at++, byte)
  return lengthBytes
}
