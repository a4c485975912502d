import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { CURVE, CURVES_BY_PREFERENCE, createEphemeralKey } from './key-exchange.ts'

const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex')

describe('createEphemeralKey', () => {
  it.each(CURVES_BY_PREFERENCE)('agrees with another of its curve (%i)', (curve) => {
    const [ours, theirs] = [createEphemeralKey(curve), createEphemeralKey(curve)]
    expect(ours.agree(theirs.point)).toEqual(theirs.agree(ours.point))
    expect(ours.agree(theirs.point)).toHaveLength(32)
    expect(createEphemeralKey(curve).point).not.toEqual(ours.point)
  })

  it('agrees with other implementations', () => {
    const p256 = createECDH('prime256v1')
    const point = p256.generateKeys()
    const ours = createEphemeralKey(CURVE.p256)
    expect(ours.agree(point)).toEqual(p256.computeSecret(ours.point))
    const x25519 = generateKeyPairSync('x25519')
    const raw = x25519.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
    const own = createEphemeralKey(CURVE.x25519)
    const ownKey = createPublicKey({ key: Buffer.concat([X25519_SPKI, own.point]), format: 'der', type: 'spki' })
    expect(own.agree(raw)).toEqual(diffieHellman({ privateKey: x25519.privateKey, publicKey: ownKey }))
  })

  it('refuses points that are none, or that give the secret away', () => {
    const p256 = createEphemeralKey(CURVE.p256)
    const bent = Buffer.from(createEphemeralKey(CURVE.p256).point)
    bent[40] = (bent[40] ?? 0) ^ 1
    const compressed = Buffer.concat([Buffer.of(2), bent.subarray(1, 33)])
    for (const point of [Buffer.alloc(0), Buffer.alloc(65), bent, compressed]) expect(() => p256.agree(point)).toThrow()
    const x25519 = createEphemeralKey(CURVE.x25519)
    for (const point of [Buffer.alloc(31), Buffer.alloc(32)]) expect(() => x25519.agree(point)).toThrow()
  })
})
