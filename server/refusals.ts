import { TRPCError } from '@trpc/server'
import * as z from 'zod'
import { type ReasonCode, Refusal } from '../sfu-core/contract/reasons.ts'
import type { ErrorDetail } from './contract/views.ts'
import { DATABASE_GONE_SENTENCE, isDatabaseGone } from './db/database-errors.ts'

/** A no that ends by itself after a while. */
export class RateRefusal extends Refusal {
  readonly retryAfterMs: number

  constructor(retryAfterMs: number, message: string) {
    super('too-many-requests', message)
    this.retryAfterMs = retryAfterMs
  }
}

type TrpcCode = TRPCError['code']

/** The HTTP-like class of each reason; what is not here is a plain "cannot now" (PRECONDITION_FAILED). */
const CODES: Partial<Record<ReasonCode, TrpcCode>> = {
  'room-not-found': 'NOT_FOUND',
  'node-unknown': 'NOT_FOUND',
  'invite-needed': 'FORBIDDEN',
  removed: 'FORBIDDEN',
  'not-allowed': 'FORBIDDEN',
  'sign-in-needed': 'UNAUTHORIZED',
  'token-malformed': 'UNAUTHORIZED',
  'token-expired': 'UNAUTHORIZED',
  'token-altered': 'UNAUTHORIZED',
  'token-wrong-room': 'UNAUTHORIZED',
  'token-wrong-node': 'UNAUTHORIZED',
  'token-wrong-audience': 'UNAUTHORIZED',
  'seat-unknown': 'UNAUTHORIZED',
  'too-many-requests': 'TOO_MANY_REQUESTS',
  'node-busy': 'TOO_MANY_REQUESTS',
  'input-invalid': 'BAD_REQUEST',
  'name-needed': 'BAD_REQUEST',
  'offer-malformed': 'BAD_REQUEST',
  'offer-unsupported': 'BAD_REQUEST',
  'message-too-large': 'PAYLOAD_TOO_LARGE',
  'timed-out': 'TIMEOUT',
  'server-error': 'INTERNAL_SERVER_ERROR',
}

export function trpcErrorFor(refusal: Refusal): TRPCError {
  return new TRPCError({
    code: CODES[refusal.code] ?? 'PRECONDITION_FAILED',
    message: refusal.message,
    cause: refusal,
  })
}

/** What a person is told of an error, and whether it is our fault (to be logged). */
export interface Told {
  detail: ErrorDetail
  message: string
  fault: boolean
}

const FAULT_SENTENCE = 'Something went wrong on the server.'

/** Nothing of the inside (SQL, paths, stacks) goes out: only reasons, and sentences made for people. */
export function tell(error: TRPCError): Told {
  const { cause } = error
  if (isDatabaseGone(cause)) return told('server-error', DATABASE_GONE_SENTENCE)
  if (cause instanceof Refusal) {
    const retryAfterMs = cause instanceof RateRefusal ? cause.retryAfterMs : null
    return { detail: { reason: cause.code, retryAfterMs }, message: cause.message, fault: false }
  }
  switch (error.code) {
    case 'PARSE_ERROR':
    case 'BAD_REQUEST':
    case 'UNSUPPORTED_MEDIA_TYPE':
    case 'NOT_FOUND':
    case 'METHOD_NOT_SUPPORTED':
      return told('input-invalid', cause instanceof z.ZodError ? sentenceFor(cause) : error.message)
    case 'PAYLOAD_TOO_LARGE':
      return told('message-too-large', 'The message is too large.')
    case 'TOO_MANY_REQUESTS':
      return told('too-many-requests', error.message)
    case 'UNAUTHORIZED':
      return told('sign-in-needed', error.message)
    default:
      return { ...told('server-error', FAULT_SENTENCE), fault: true }
  }
}

function told(reason: ReasonCode, message: string): Told {
  return { detail: { reason, retryAfterMs: null }, message, fault: false }
}

function sentenceFor(error: z.ZodError): string {
  const [issue] = error.issues
  return issue === undefined ? 'The input is wrong.' : `${issue.path.join('.') || 'input'}: ${issue.message}`
}
