import * as z from 'zod'
import { nodeIdSchema, participantIdSchema, roomIdSchema } from './ids.ts'
import { NAME_MAX_CHARS } from './limits.ts'

/** RFC 8037: EdDSA over Ed25519, as a compact JWS (RFC 7519). */
export const TOKEN_ALGORITHM = 'EdDSA'
export const TOKEN_ISSUER = 'engawa'
/** `aud` of a room token: it opens one room on one node. */
export const ROOM_TOKEN_AUDIENCE = 'engawa-node'

export const roleSchema = z.enum(['host', 'co-host', 'speaker', 'listener'])
/** What a person is in a room. */
export type Role = z.infer<typeof roleSchema>

/** The claims of a room token. The server signs it, the node checks it alone. */
export const roomClaimsSchema = z.object({
  roomId: roomIdSchema,
  participantId: participantIdSchema,
  nodeId: nodeIdSchema,
  /** The role to enter with; a seat that the node still keeps has the last word (stage, mute). */
  role: roleSchema,
  name: z.string().trim().min(1).max(NAME_MAX_CHARS),
  guest: z.boolean(),
})
export type RoomClaims = z.infer<typeof roomClaimsSchema>

/** An Ed25519 public key as JWK (RFC 8037 §2). */
export const publicKeySchema = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() })
export type PublicKey = z.infer<typeof publicKeySchema>
