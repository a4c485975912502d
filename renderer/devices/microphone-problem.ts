/**
 * Why there is no microphone, told apart as far as browsers let one: W3C Media Capture and Streams §10.3
 * (getUserMedia), and the messages Chromium and Firefox put into NotAllowedError.
 */
export type MicrophoneProblem =
  /** The person said no, now or earlier. */
  | 'denied-by-user'
  /** The system keeps the microphone from the browser. */
  | 'denied-by-system'
  /** The page's own policy, an embedding page or an administrator forbids it. */
  | 'denied-by-policy'
  | 'no-device'
  | 'in-use'
  /** It was there and is not any more. */
  | 'device-gone'
  /** Neither HTTPS nor localhost: browsers hide the microphone. */
  | 'insecure-context'
  | 'unsupported-browser'
  | 'unknown'

/** What can be known of a page before asking. */
export interface CaptureSupport {
  isSecureContext: boolean
  hasGetUserMedia: boolean
}

/** Null: asking makes sense. */
export function problemBeforeAsking(support: CaptureSupport): MicrophoneProblem | null {
  if (!support.isSecureContext) return 'insecure-context'
  return support.hasGetUserMedia ? null : 'unsupported-browser'
}

/** The problem behind what getUserMedia rejected with. */
export function classifyCaptureError(error: unknown): MicrophoneProblem {
  const { name, message } = nameAndMessage(error)
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      return classifyDenial(message)
    case 'SecurityError':
      return 'denied-by-policy'
    case 'NotFoundError':
    case 'DevicesNotFoundError':
      return 'no-device'
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'in-use'
    case 'OverconstrainedError':
      return 'device-gone'
    case 'TypeError':
    case 'NotSupportedError':
      return 'unsupported-browser'
    default:
      return 'unknown'
  }
}

/** Chromium: "Permission denied by system"; Chromium and Firefox name the policy in theirs. */
function classifyDenial(message: string): MicrophoneProblem {
  if (/system/i.test(message)) return 'denied-by-system'
  if (/policy|feature|disallowed|not allowed in this document/i.test(message)) return 'denied-by-policy'
  return 'denied-by-user'
}

function nameAndMessage(error: unknown): { name: string; message: string } {
  if (typeof error !== 'object' || error === null) return { name: '', message: '' }
  const { name, message } = error as { name?: unknown; message?: unknown }
  return { name: typeof name === 'string' ? name : '', message: typeof message === 'string' ? message : '' }
}
