import { describe, expect, it } from 'vitest'
import { classifyCaptureError, problemBeforeAsking } from './microphone-problem.ts'

const named = (name: string, message = '') => new DOMException(message, name)

describe('why there is no microphone', () => {
  it.each([
    [named('NotAllowedError', 'Permission denied'), 'denied-by-user'],
    [named('NotAllowedError', 'Permission dismissed'), 'denied-by-user'],
    [named('NotAllowedError', 'Permission denied by system'), 'denied-by-system'],
    [named('NotAllowedError', 'Permission denied by policy'), 'denied-by-policy'],
    // Safari
    [
      named(
        'NotAllowedError',
        'The request is not allowed by the user agent or the platform in the current context, possibly because the user denied permission.',
      ),
      'denied-by-user',
    ],
    [named('SecurityError'), 'denied-by-policy'],
    [named('NotFoundError', 'Requested device not found'), 'no-device'],
    [named('NotReadableError', 'Could not start audio source'), 'in-use'],
    [named('AbortError'), 'in-use'],
    [named('OverconstrainedError'), 'device-gone'],
    [new TypeError('undefined is not a function'), 'unsupported-browser'],
    ['something', 'unknown'],
    [null, 'unknown'],
  ])('%s → %s', (error, problem) => {
    expect(classifyCaptureError(error)).toBe(problem)
  })

  it('says before asking that a page without HTTPS has none', () => {
    expect(problemBeforeAsking({ isSecureContext: false, hasGetUserMedia: false })).toBe('insecure-context')
    expect(problemBeforeAsking({ isSecureContext: true, hasGetUserMedia: false })).toBe('unsupported-browser')
    expect(problemBeforeAsking({ isSecureContext: true, hasGetUserMedia: true })).toBeNull()
  })
})
