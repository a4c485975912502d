import { TRPCClientError } from '@trpc/client'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { failureOf, OfflineError } from './api-error.ts'

const trpcError = (data: unknown) =>
  TRPCClientError.from({ error: { code: -32000, message: 'no', data } } as Parameters<typeof TRPCClientError.from>[0])

describe('failureOf', () => {
  it('reads the reason and the wait of an API error', () => {
    const error = trpcError({ engawa: { reason: 'too-many-requests', retryAfterMs: 4_000 } })
    expect(failureOf(error)).toEqual({ reason: 'too-many-requests', retryAfterMs: 4_000 })
  })

  it('takes an API error of unknown kind for a fault of the server', () => {
    expect(failureOf(trpcError({ engawa: { reason: 'made-up', retryAfterMs: null } })).reason).toBe('server-error')
  })

  it('takes a broken line for offline', () => {
    expect(failureOf(TRPCClientError.from(new Error('WebSocket closed'))).reason).toBe('offline')
    expect(failureOf(new TypeError('Failed to fetch')).reason).toBe('offline')
    expect(failureOf(new OfflineError()).reason).toBe('offline')
  })

  it('reads a Refusal of the page itself', () => {
    expect(failureOf(new Refusal('media-failed')).reason).toBe('media-failed')
  })

  it('survives anything that was thrown', () => {
    for (const thrown of [undefined, null, 'no', 7, {}, new Error('x')]) {
      expect(failureOf(thrown)).toEqual({ reason: 'server-error', retryAfterMs: null })
    }
  })
})
