import { isReasonCode, type ReasonCode, Refusal } from '../../sfu-core/contract/reasons.ts'

/** Why something asked of the server did not work. `offline`: no answer came at all. */
export interface Failure {
  reason: ReasonCode | 'offline'
  /** How long to wait, where the server said so. */
  retryAfterMs: number | null
}

/** Thrown by the page itself where it knows beforehand that the server cannot be reached. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError'
}

/** Reads what a rejected API call says. Never throws. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) return { reason: error.code, retryAfterMs: null }
  if (error instanceof OfflineError || error instanceof TypeError) return { reason: 'offline', retryAfterMs: null }
  const data = field(error, 'data')
  const detail = field(data, 'engawa')
  const reason = field(detail, 'reason')
  if (isReasonCode(reason)) {
    const retryAfterMs = field(detail, 'retryAfterMs')
    return { reason, retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : null }
  }
  // A tRPC client error without data never reached the server's procedures: the line broke.
  if (field(error, 'name') === 'TRPCClientError' && (data === null || data === undefined)) {
    return { reason: 'offline', retryAfterMs: null }
  }
  return { reason: 'server-error', retryAfterMs: null }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
