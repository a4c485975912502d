import { errors, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import {
  nodeIdSchema,
  participantIdSchema,
  roomIdSchema,
  takeIdSchema,
  tapeIdSchema,
} from '../sfu-core/contract/ids.ts'
import {
  NAME_MAX_CHARS,
  NODE_TOKEN_TTL_S,
  ROOM_TOKEN_TTL_S,
  SEAT_TOKEN_TTL_S,
  TAPE_TOKEN_TTL_S,
  TOKEN_CLOCK_TOLERANCE_S,
} from '../sfu-core/contract/limits.ts'
import { Refusal } from '../sfu-core/contract/reasons.ts'
import { ROOM_TOKEN_AUDIENCE, roomClaimsSchema, TOKEN_ALGORITHM, TOKEN_ISSUER } from '../sfu-core/contract/token.ts'
import type { NowMs } from './clock.ts'
import type { Keys } from './keys.ts'
import { TAKE_TICKET_TTL_S } from './limits.ts'

/** Names the visit that a seat is of (rooms/visits.ts). */
const visitIdSchema = z.string().min(1).max(40)

/** A seat in a room, kept by the page over reloads. */
const seatClaimsSchema = z.object({
  roomId: roomIdSchema,
  participantId: participantIdSchema,
  name: z.string().min(1).max(NAME_MAX_CHARS),
  /** null: a guest. */
  userId: z.string().nullable(),
  sid: visitIdSchema,
  /** Names the live period of the room that the seat is of: when it began. */
  liveSinceMs: z.number(),
})
export type SeatClaims = z.infer<typeof seatClaimsSchema>

/** `sid` and `liveSinceMs` are for the offer's way through the server; nodes do not look at them. */
const entryClaimsSchema = roomClaimsSchema.extend({ sid: visitIdSchema, liveSinceMs: z.number() })
type EntryClaims = z.infer<typeof entryClaimsSchema>

/** A desktop's permission to register as its owner's node. */
const nodeClaimsSchema = z.object({ nodeId: nodeIdSchema, ownerId: z.string().min(1) })
type NodeClaims = z.infer<typeof nodeClaimsSchema>

/** Opens the files of one take from a link. */
const ticketClaimsSchema = z.object({ takeId: takeIdSchema })
type TicketClaims = z.infer<typeof ticketClaimsSchema>

/** A page's right to upload one tape, also long after the room. */
const tapeClaimsSchema = z.object({
  tapeId: tapeIdSchema,
  takeId: takeIdSchema,
  roomId: roomIdSchema,
  participantId: participantIdSchema,
})
export type TapeClaims = z.infer<typeof tapeClaimsSchema>

/** What a token is for. Audiences keep one kind from passing as another (RFC 8725 §3.9). */
interface TokenKind<C> {
  audience: string
  ttlS: number
  claims: z.ZodType<C>
}

const ROOM: TokenKind<EntryClaims> = {
  audience: ROOM_TOKEN_AUDIENCE,
  ttlS: ROOM_TOKEN_TTL_S,
  claims: entryClaimsSchema,
}
const SEAT: TokenKind<SeatClaims> = { audience: 'engawa-server', ttlS: SEAT_TOKEN_TTL_S, claims: seatClaimsSchema }
const NODE: TokenKind<NodeClaims> = { audience: 'engawa-register', ttlS: NODE_TOKEN_TTL_S, claims: nodeClaimsSchema }
const TICKET: TokenKind<TicketClaims> = { audience: 'engawa-take', ttlS: TAKE_TICKET_TTL_S, claims: ticketClaimsSchema }
const TAPE: TokenKind<TapeClaims> = { audience: 'engawa-tape', ttlS: TAPE_TOKEN_TTL_S, claims: tapeClaimsSchema }

/** Signs and checks one kind of token. `verify` throws a Refusal `token-malformed`, `-expired`, `-altered` or `-wrong-audience`. */
interface TokenDesk<C> {
  sign(claims: C): Promise<string>
  verify(token: string): Promise<C>
}

export interface Tokens {
  room: TokenDesk<EntryClaims>
  seat: TokenDesk<SeatClaims>
  node: TokenDesk<NodeClaims>
  ticket: TokenDesk<TicketClaims>
  tape: TokenDesk<TapeClaims>
}

export type TokenKeys = Pick<Keys, 'signing' | 'verifying'>

export function createTokens(keys: TokenKeys, nowMs: NowMs): Tokens {
  return {
    room: desk(ROOM, keys, nowMs),
    seat: desk(SEAT, keys, nowMs),
    node: desk(NODE, keys, nowMs),
    ticket: desk(TICKET, keys, nowMs),
    tape: desk(TAPE, keys, nowMs),
  }
}

function desk<C extends Record<string, unknown>>(kind: TokenKind<C>, keys: TokenKeys, nowMs: NowMs): TokenDesk<C> {
  return {
    sign(claims) {
      const nowS = Math.floor(nowMs() / 1_000)
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: TOKEN_ALGORITHM, typ: 'JWT' })
        .setIssuer(TOKEN_ISSUER)
        .setAudience(kind.audience)
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + kind.ttlS)
        .sign(keys.signing)
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, keys.verifying, {
          algorithms: [TOKEN_ALGORITHM],
          issuer: TOKEN_ISSUER,
          audience: kind.audience,
          clockTolerance: TOKEN_CLOCK_TOLERANCE_S,
          currentDate: new Date(nowMs()),
          requiredClaims: ['exp'],
        })
        return kind.claims.parse(payload)
      } catch (error) {
        throw refusalFor(error)
      }
    },
  }
}

function refusalFor(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired) return new Refusal('token-expired', 'The token has expired.')
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return new Refusal('token-altered', 'The token was altered, or another server signed it.')
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
    return new Refusal('token-wrong-audience', 'The token is for something else.')
  }
  return new Refusal('token-malformed', 'That is not a token of this server.')
}
