import { isIPv4 } from 'node:net'

/** XOR-MAPPED-ADDRESS (RFC 8489 §14.2): the mask is the magic cookie and the transaction id, which lie at byte 4 of the message. */

export interface StunAddress {
  address: string
  port: number
}

const MASK_AT = 4
const FAMILY_IPV4 = 1
const FAMILY_IPV6 = 2
const ZERO = 48

export function xorAddressLengthBytes({ address }: StunAddress): number {
  return isWrittenAsIpv6(address) ? 20 : 8
}

/** Of addresses that are known to be valid: a look instead of a regular expression. */
function isWrittenAsIpv6(address: string): boolean {
  return address.includes(':')
}

/** Writes the attribute's value into a message whose cookie and transaction id are there already. */
export function writeXorAddress(message: Buffer, offset: number, { address, port }: StunAddress): void {
  message[offset] = 0
  message[offset + 1] = isWrittenAsIpv6(address) ? FAMILY_IPV6 : FAMILY_IPV4
  message.writeUInt16BE(port ^ message.readUInt16BE(MASK_AT), offset + 2)
  const bytes = addressBytes(address)
  for (let i = 0; i < bytes.length; i++) message[offset + 4 + i] = (bytes[i] ?? 0) ^ (message[MASK_AT + i] ?? 0)
}

/** Null where it is neither an IPv4 nor an IPv6 address. */
export function readXorAddress(message: Buffer, offset: number, length: number): StunAddress | null {
  const addressBytes = message[offset + 1] === FAMILY_IPV4 ? 4 : 16
  if (length !== 4 + addressBytes) return null
  const bytes = Buffer.from(message.subarray(offset + 4, offset + length))
  for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i] ?? 0) ^ (message[MASK_AT + i] ?? 0)
  return { address: addressText(bytes), port: message.readUInt16BE(offset + 2) ^ message.readUInt16BE(MASK_AT) }
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16))
  return groups.join(':')
}

/** In network order: 4 bytes, or 16. */
export function addressBytes(address: string): ArrayLike<number> & Iterable<number> {
  return isWrittenAsIpv6(address) ? ipv6Bytes(address) : ipv4Bytes(address)
}

/** Digit by digit: each answer to a check names an address. */
function ipv4Bytes(address: string): number[] {
  const bytes = [0, 0, 0, 0]
  for (let i = 0, at = 0; i < address.length; i++) {
    const digit = address.charCodeAt(i) - ZERO
    if (digit < 0) at += 1
    else bytes[at] = (bytes[at] ?? 0) * 10 + digit
  }
  return bytes
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').split('::')
  const left = ipv6Groups(head)
  const right = ipv6Groups(tail)
  const bytes = Buffer.alloc(16)
  left.forEach((group, i) => {
    bytes.writeUInt16BE(group, i * 2)
  })
  right.forEach((group, i) => {
    bytes.writeUInt16BE(group, 16 - (right.length - i) * 2)
  })
  return bytes
}

/** RFC 4291 §2.2: the last 32 bits may be written as IPv4. */
function ipv6Groups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!isIPv4(group)) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(group)
    return [(a << 8) | b, (c << 8) | d]
  })
}
