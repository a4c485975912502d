import { errors, importJWK, jwtVerify } from 'jose'
import type { NodeId, RoomId } from '../contract/ids.ts'
import { TOKEN_CLOCK_TOLERANCE_S } from '../contract/limits.ts'
import { Refusal } from '../contract/reasons.ts'
import {
  type PublicKey,
  ROOM_TOKEN_AUDIENCE,
  type RoomClaims,
  roomClaimsSchema,
  TOKEN_ALGORITHM,
  TOKEN_ISSUER,
} from '../contract/token.ts'

export interface TokenCheck {
  publicKey: PublicKey
  /** This node, and the room that is being joined. */
  nodeId: NodeId
  roomId: RoomId
  nowMs: number
}

/**
 * Checks a room token alone, without asking the server (RFC 7519, RFC 8037; algorithm pinned as RFC 8725 §3.1 wants).
 * @throws Refusal `token-malformed`, `token-altered`, `token-expired`, `token-wrong-audience`, `token-wrong-node`, `token-wrong-room`.
 */
export async function verifyRoomToken(token: string, check: TokenCheck): Promise<RoomClaims> {
  const claims = roomClaimsSchema.safeParse(await verifiedPayload(token, check))
  if (!claims.success) throw new Refusal('token-malformed', 'the claims are not those of a room token')
  if (claims.data.nodeId !== check.nodeId) throw new Refusal('token-wrong-node', 'made for another node')
  if (claims.data.roomId !== check.roomId) throw new Refusal('token-wrong-room', 'made for another room')
  return claims.data
}

async function verifiedPayload(token: string, check: TokenCheck): Promise<unknown> {
  const key = await importJWK(check.publicKey, TOKEN_ALGORITHM)
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [TOKEN_ALGORITHM],
      issuer: TOKEN_ISSUER,
      audience: ROOM_TOKEN_AUDIENCE,
      requiredClaims: ['exp'],
      clockTolerance: TOKEN_CLOCK_TOLERANCE_S,
      currentDate: new Date(check.nowMs),
    })
    return payload
  } catch (error) {
    throw tokenRefusal(error)
  }
}

function tokenRefusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new Refusal('token-expired', error.message)
  if (error instanceof errors.JWSSignatureVerificationFailed) return new Refusal('token-altered', error.message)
  // `none`, HS256 with the public key as secret, ...: somebody changed the header.
  if (error instanceof errors.JOSEAlgNotAllowed) return new Refusal('token-altered', error.message)
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
    return new Refusal('token-wrong-audience', error.message)
  }
  if (error instanceof errors.JOSEError) return new Refusal('token-malformed', error.message)
  return error
}
