import { createHmac, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hasIntegrity, stunKey, writeIntegrity } from './stun-integrity.ts'

/** A message that ends with the attribute (24 bytes), with the length that RFC 8489 §14.5 wants it hashed with. */
function messageOf(offset: number): Buffer {
  const message = randomBytes(offset + 24)
  message.writeUInt16BE(offset + 4, 2)
  return message
}

describe("MESSAGE-INTEGRITY is node:crypto's HMAC-SHA1", () => {
  // Around SHA-1's block of 64 bytes: passwords that are padded, fit, and are hashed themselves.
  it.each([0, 1, 20, 24, 55, 63, 64, 65, 128, 256])('with a password of %i characters', (characters) => {
    const password = randomBytes(256).toString('base64').slice(0, characters)
    const key = stunKey(password)
    // Lengths at which the padding needs one more block, and the longest message that is read.
    for (const offset of [20, 52, 56, 60, 64, 88, 116, 120, 124, 1_256]) {
      const message = messageOf(offset)
      const digest = createHmac('sha1', password).update(message.subarray(0, offset)).digest()
      writeIntegrity(message, offset, key)
      expect(message.subarray(offset + 4).equals(digest)).toBe(true)
      expect(hasIntegrity(message, offset, key)).toBe(true)
    }
  })

  it('refuses every single wrong bit, and another password', () => {
    const key = stunKey('a password of a peer')
    const message = messageOf(88)
    writeIntegrity(message, 88, key)
    for (let bit = 0; bit < message.length * 8; bit++) {
      // The length field is not taken from the message, and the attribute's own header is not covered.
      if (bit >> 4 === 1 || (bit >= 88 * 8 && bit < 92 * 8)) continue
      message[bit >> 3] = (message[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(hasIntegrity(message, 88, key)).toBe(false)
      message[bit >> 3] = (message[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    }
    expect(hasIntegrity(message, 88, stunKey('a password of a peet'))).toBe(false)
    expect(hasIntegrity(message, 88, key)).toBe(true)
  })
})
