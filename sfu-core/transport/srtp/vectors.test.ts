import { createCipheriv, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  CM_TAG_BYTES,
  COUNTERS_AT,
  DATAGRAM_AT,
  GHASH_INPUT_AT,
  KERNEL_CM,
  KEY_INPUT_AT,
  OPEN_MEMORY_BYTES,
  OPEN_RECORD_AT,
} from './kernel/layout.ts'
import { createKernelInstance } from './kernel/load-kernel.ts'
import { Opener, OpeningKeys } from './opener.ts'
import { sealRtcpPlainly, sealRtpPlainly } from './plain-seal.ts'
import { SRTP_PROFILE } from './profile.ts'
import { deriveSessionKeys, type SessionKeys } from './session-keys.ts'
import { hex } from './srtp.fixture.ts'

const GCM = SRTP_PROFILE.aeadAes128Gcm
const CM = SRTP_PROFILE.aesCm128HmacSha1With80

describe('RFC 7714 §16 and §17', () => {
  const keys: SessionKeys = {
    cipherKey: hex('000102030405060708090a0b0c0d0e0f'),
    authKey: Buffer.alloc(20),
    salt: hex('517569642070726f2071756f 0000'),
  }
  const rtp = hex(`8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976
    69736120 696e2070 61727465 73207472 6573`)
  const srtp = hex(`8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5
    0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce`)
  const rtcp = hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
    deadbeef deadbeef deadbeef deadbeef deadbeef`)
  const srtcp = hex(`81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d
    c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4`)

  it('SRTP: node:crypto seals it, the kernel opens it', () => {
    const place = { ssrc: 0x5501_a0b2, index: 0xf17b }
    expect(sealRtpPlainly(GCM, keys, { ...place, header: rtp.subarray(0, 12), payload: rtp.subarray(12) })).toEqual(
      srtp,
    )
    const parts = { datagram: srtp, headBytes: 12, bodyBytes: rtp.length - 12, tailBytes: 0, ...place }
    expect(new Opener().open(new OpeningKeys(GCM, () => keys), parts)).toEqual(rtp)
  })

  it('SRTCP: node:crypto seals it, the kernel opens it', () => {
    expect(sealRtcpPlainly(GCM, keys, rtcp, 0x5d4)).toEqual(srtcp)
    const parts = { datagram: srtcp, headBytes: 8, bodyBytes: rtcp.length - 8, tailBytes: 4 }
    expect(new Opener().open(new OpeningKeys(GCM, () => keys), { ...parts, ssrc: 0x4d61_7273, index: 0x5d4 })).toEqual(
      rtcp,
    )
  })
})

describe('RFC 3711 appendix B', () => {
  const cipherKey = hex('2B7E151628AED2A6ABF7158809CF4F3C')
  const salt = hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD')
  const firstBlocks = hex(`E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB
    41E95B3BB0A2E8DD477901E4FCA894C0`)

  it('B.2: the keystream by node:crypto, to the end of the counter', () => {
    const keys: SessionKeys = { cipherKey, authKey: Buffer.alloc(20), salt }
    const payload = Buffer.alloc(0xff02 * 16)
    const sealed = sealRtpPlainly(CM, keys, { ssrc: 0, index: 0, header: Buffer.alloc(0), payload })
    expect(sealed.subarray(0, 48)).toEqual(firstBlocks)
    expect(sealed.subarray(0xfeff * 16, 0xff02 * 16)).toEqual(
      hex(`EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE
        6A2CC3787889374FBEB4C81B17BA6C44`),
    )
  })

  it("B.2: the keystream by the kernel's counter blocks", () => {
    const { kernel, bytes } = createKernelInstance(OPEN_MEMORY_BYTES)
    bytes.set(salt, KEY_INPUT_AT)
    kernel.prepare(KERNEL_CM, OPEN_RECORD_AT)
    kernel.counters(KERNEL_CM, OPEN_RECORD_AT, 0, 0, 1, 3)
    const cipher = createCipheriv('aes-128-ecb', cipherKey, null)
    expect(cipher.update(bytes.subarray(COUNTERS_AT, COUNTERS_AT + 48))).toEqual(firstBlocks)
  })

  it('B.3: key derivation', () => {
    const { rtp } = deriveSessionKeys({
      masterKey: hex('E1F97A0D3E018BE0D64FA32C06DE4139'),
      masterSalt: hex('0EC675AD498AFEEBB6960B3AABE6'),
    })
    expect(rtp.cipherKey).toEqual(hex('C61E7A93744F39EE10734AFE3FF7A087'))
    expect(rtp.salt).toEqual(hex('30CBBC08863D8C85D49DB34A9AE1'))
    expect(rtp.authKey).toEqual(hex('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4'))
  })
})

describe('RFC 2202 §3: HMAC-SHA1 in the kernel', () => {
  const { kernel, bytes } = createKernelInstance(OPEN_MEMORY_BYTES)
  const words = {
    text: (value: string) => Buffer.from(value),
    times: (count: number, byte: number) => Buffer.alloc(count, byte),
  }

  function isTag(key: Buffer, message: Buffer, digest: Buffer): boolean {
    bytes.fill(0, KEY_INPUT_AT, KEY_INPUT_AT + 64)
    bytes.set(key, KEY_INPUT_AT + 16)
    kernel.prepare(KERNEL_CM, OPEN_RECORD_AT)
    bytes.set(message, DATAGRAM_AT)
    bytes.set(digest.subarray(0, CM_TAG_BYTES), DATAGRAM_AT + message.length)
    return kernel.isAuthenticCm(message.length, 0, 0) !== 0
  }

  // Keys of other lengths than 20 bytes: a shorter one is padded with zeros anyway.
  it.each([
    [words.times(20, 0x0b), words.text('Hi There'), 'b617318655057264e28bc0b6fb378c8ef146be00'],
    [words.text('Jefe'), words.text('what do ya want for nothing?'), 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
    [words.times(20, 0xaa), words.times(50, 0xdd), '125d7342b9ac11cd91a39af48aa17b4f63f175d3'],
    [words.times(20, 0x0c), words.text('Test With Truncation'), '4c1a03424b55e07fe7f27be1d58bb9324a9a5a04'],
  ])('case %#', (key, message, digest) => {
    expect(isTag(key, message, hex(digest))).toBe(true)
    const wrong = hex(digest)
    wrong.writeUInt8(wrong.readUInt8(9) ^ 1, 9)
    expect(isTag(key, message, wrong)).toBe(false)
  })

  it('for every length up to four blocks', () => {
    const key = words.times(20, 0x5a)
    for (let length = 0; length < 256; length++) {
      const message = words.times(length, length & 0xff)
      expect(isTag(key, message, createHmac('sha1', key).update(message).digest())).toBe(true)
    }
  })
})

describe('the memory of the kernel', () => {
  it('has the areas that hold blocks at whole blocks', () => {
    for (const at of [COUNTERS_AT, KEY_INPUT_AT, OPEN_RECORD_AT, DATAGRAM_AT, GHASH_INPUT_AT]) expect(at % 16).toBe(0)
  })
})
