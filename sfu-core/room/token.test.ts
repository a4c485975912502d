import { createHmac } from 'node:crypto'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { nodeIdSchema, roomIdSchema } from '../contract/ids.ts'
import { TOKEN_CLOCK_TOLERANCE_S } from '../contract/limits.ts'
import { Refusal } from '../contract/reasons.ts'
import {
  type PublicKey,
  publicKeySchema,
  ROOM_TOKEN_AUDIENCE,
  TOKEN_ALGORITHM,
  TOKEN_ISSUER,
} from '../contract/token.ts'
import { verifyRoomToken } from './token.ts'

const NOW_S = 1_800_000_000
const CLAIMS = { roomId: 'room-1', participantId: 'ann', nodeId: 'node-1', role: 'listener', name: 'Ann', guest: true }
const STANDARD = { iss: TOKEN_ISSUER, aud: ROOM_TOKEN_AUDIENCE, exp: NOW_S + 60 }

let privateKey: CryptoKey
let publicKey: PublicKey

beforeAll(async () => {
  const pair = await generateKeyPair(TOKEN_ALGORITHM, { crv: 'Ed25519', extractable: true })
  privateKey = pair.privateKey
  publicKey = publicKeySchema.parse(await exportJWK(pair.publicKey))
})

async function sign(payload: JWTPayload, key = privateKey): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: TOKEN_ALGORITHM }).sign(key)
}

async function check(token: string, nowS = NOW_S) {
  const at = { roomId: roomIdSchema.parse('room-1'), nodeId: nodeIdSchema.parse('node-1'), nowMs: nowS * 1000 }
  try {
    return await verifyRoomToken(token, { publicKey, ...at })
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

const base64url = (text: string) => Buffer.from(text).toString('base64url')
const part = (token: string, index: number) => token.split('.')[index] ?? ''

test('R7: a good token gives its claims, twice as well', async () => {
  const token = await sign({ ...STANDARD, ...CLAIMS })
  expect(await check(token)).toEqual(CLAIMS)
  expect(await check(token)).toEqual(CLAIMS)
})

test('R7: an expired token, after the tolerance', async () => {
  const token = await sign({ ...STANDARD, ...CLAIMS })
  expect(await check(token, NOW_S + 60 + TOKEN_CLOCK_TOLERANCE_S - 1)).toEqual(CLAIMS)
  expect(await check(token, NOW_S + 60 + TOKEN_CLOCK_TOLERANCE_S)).toBe('token-expired')
})

test.each([
  ['for another audience', { aud: 'engawa-server' }, 'token-wrong-audience'],
  ['without an audience', { aud: undefined }, 'token-wrong-audience'],
  ['by another issuer', { iss: 'somebody' }, 'token-malformed'],
  ['without an end', { exp: undefined }, 'token-malformed'],
  ['that is not valid yet', { nbf: NOW_S + 60 }, 'token-malformed'],
  ['for another node', { nodeId: 'node-2' }, 'token-wrong-node'],
  ['for another room', { roomId: 'room-2' }, 'token-wrong-room'],
  ['with an unknown role', { role: 'king' }, 'token-malformed'],
  ['without a name', { name: ' ' }, 'token-malformed'],
  ['with an id that is a path', { participantId: '../../etc' }, 'token-malformed'],
])('R7: a token %s', async (_title, claims, reason) => {
  expect(await check(await sign({ ...STANDARD, ...CLAIMS, ...claims } as JWTPayload))).toBe(reason)
})

test('R7: a token signed by another key', async () => {
  const other = await generateKeyPair(TOKEN_ALGORITHM, { crv: 'Ed25519' })
  expect(await check(await sign({ ...STANDARD, ...CLAIMS }, other.privateKey))).toBe('token-altered')
})

test('R7: a token whose claims were changed', async () => {
  const token = await sign({ ...STANDARD, ...CLAIMS })
  const changed = base64url(JSON.stringify({ ...STANDARD, ...CLAIMS, role: 'host' }))
  expect(await check([part(token, 0), changed, part(token, 2)].join('.'))).toBe('token-altered')
})

test('R7: algorithm confusion: HS256 with the public key as the secret', async () => {
  const body = `${base64url('{"alg":"HS256"}')}.${base64url(JSON.stringify({ ...STANDARD, ...CLAIMS }))}`
  for (const secret of [Buffer.from(publicKey.x, 'base64url'), publicKey.x, JSON.stringify(publicKey)]) {
    const signature = createHmac('sha256', secret).update(body).digest('base64url')
    expect(await check(`${body}.${signature}`)).toBe('token-altered')
  }
})

test.each(['none', 'None', 'NONE'])('R7: algorithm %s, with and without a signature', async (alg) => {
  const body = `${base64url(JSON.stringify({ alg }))}.${base64url(JSON.stringify({ ...STANDARD, ...CLAIMS }))}`
  const token = await sign({ ...STANDARD, ...CLAIMS })
  expect(await check(`${body}.`)).toBe('token-altered')
  expect(await check(`${body}.${part(token, 2)}`)).toBe('token-altered')
})

test.each(['', 'x', 'a.b', 'a.b.c', '....', '{}', 'é.é.é', `${'A'.repeat(3_000)}.e30.AA`])(
  'R7: no token at all: %#',
  async (token) => {
    expect(await check(token)).toBe('token-malformed')
  },
)
