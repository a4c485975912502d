import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { participantIdSchema, roomIdSchema, takeIdSchema, tapeIdSchema } from '../sfu-core/contract/ids.ts'
import { createTokens } from './tokens.ts'

const newKeys = () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { signing: privateKey, verifying: createPublicKey(privateKey) }
}
const seat = {
  roomId: roomIdSchema.parse('room1'),
  participantId: participantIdSchema.parse('p1'),
  name: '花',
  userId: null,
  sid: 'visit1',
  liveSinceMs: 2,
}
const START_MS = 1_700_000_000_000

describe('tokens', () => {
  it('come back as they were signed', async () => {
    const tokens = createTokens(newKeys(), () => START_MS)
    expect(await tokens.seat.verify(await tokens.seat.sign(seat))).toEqual(seat)
  })

  it('expire', async () => {
    let now = START_MS
    const tokens = createTokens(newKeys(), () => now)
    const token = await tokens.seat.sign(seat)
    now += (24 * 3600 + 6) * 1000
    await expect(tokens.seat.verify(token)).rejects.toMatchObject({ code: 'token-expired' })
  })

  it('of tapes open them for three months', async () => {
    let now = START_MS
    const tokens = createTokens(newKeys(), () => now)
    const claims = {
      tapeId: tapeIdSchema.parse('tape1'),
      takeId: takeIdSchema.parse('take1'),
      roomId: seat.roomId,
      participantId: seat.participantId,
    }
    const token = await tokens.tape.sign(claims)
    now += 89 * 24 * 3600 * 1000
    expect(await tokens.tape.verify(token)).toEqual(claims)
    await expect(tokens.ticket.verify(token)).rejects.toMatchObject({ code: 'token-wrong-audience' })
    now += 2 * 24 * 3600 * 1000
    await expect(tokens.tape.verify(token)).rejects.toMatchObject({ code: 'token-expired' })
  })

  it('do not pass when altered or signed by another key', async () => {
    const tokens = createTokens(newKeys(), () => START_MS)
    const other = createTokens(newKeys(), () => START_MS)
    const token = await tokens.seat.sign(seat)
    const [header, , signature] = token.split('.')
    const forged = [header, Buffer.from(JSON.stringify({ ...seat, name: 'x' })).toString('base64url'), signature].join(
      '.',
    )
    await expect(tokens.seat.verify(forged)).rejects.toMatchObject({ code: 'token-altered' })
    await expect(other.seat.verify(token)).rejects.toMatchObject({ code: 'token-altered' })
  })

  it('do not pass as another kind', async () => {
    const tokens = createTokens(newKeys(), () => START_MS)
    await expect(tokens.room.verify(await tokens.seat.sign(seat))).rejects.toMatchObject({
      code: 'token-wrong-audience',
    })
    await expect(tokens.seat.verify('nonsense')).rejects.toMatchObject({ code: 'token-malformed' })
    await expect(tokens.seat.verify('a.b.c')).rejects.toMatchObject({ code: 'token-malformed' })
  })
})
