import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { ServerConnection } from '../app/server-connection.ts'

/** What better-auth refuses, in the page's own words. */
export type AuthProblem =
  | 'emailTaken'
  | 'wrongCredentials'
  | 'emailInvalid'
  | 'passwordShort'
  | 'passwordLong'
  | 'closed'

/** The entered words are at fault. Everything else is thrown as Refusal or OfflineError. */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly problem: AuthProblem

  constructor(problem: AuthProblem) {
    super(problem)
    this.problem = problem
  }
}

/** Error codes of better-auth's e-mail and password endpoints (better-auth, BASE_ERROR_CODES). */
const PROBLEM_OF_CODE: Readonly<Record<string, AuthProblem>> = {
  USER_ALREADY_EXISTS: 'emailTaken',
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: 'emailTaken',
  INVALID_EMAIL_OR_PASSWORD: 'wrongCredentials',
  INVALID_EMAIL: 'emailInvalid',
  PASSWORD_TOO_SHORT: 'passwordShort',
  PASSWORD_TOO_LONG: 'passwordLong',
  EMAIL_PASSWORD_SIGN_UP_DISABLED: 'closed',
}

/** Registers and signs in. */
export function register(
  connection: ServerConnection,
  account: { name: string; email: string; password: string },
): Promise<void> {
  return enter(connection, '/api/auth/sign-up/email', account)
}

export function signIn(connection: ServerConnection, account: { email: string; password: string }): Promise<void> {
  return enter(connection, '/api/auth/sign-in/email', account)
}

export async function signOut(connection: ServerConnection): Promise<void> {
  const response = await post(connection, '/api/auth/sign-out', {})
  // A session that the server does not know any more is as good as ended.
  if (!response.ok && response.status !== 401) throw await refusalOf(response)
  await connection.identityChanged(null)
}

async function enter(connection: ServerConnection, path: string, body: Record<string, string>): Promise<void> {
  const response = await post(connection, path, body)
  if (!response.ok) throw await refusalOf(response)
  await connection.identityChanged(response.headers.get('set-auth-token'))
}

function post(connection: ServerConnection, path: string, body: Record<string, string>): Promise<Response> {
  return connection.request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function refusalOf(response: Response): Promise<Error> {
  const problem = PROBLEM_OF_CODE[await codeOf(response)]
  if (problem !== undefined) return new AuthError(problem)
  if (response.status === 429) return new Refusal('too-many-requests')
  if (response.status === 400 || response.status === 422) return new Refusal('input-invalid')
  if (response.status === 401 || response.status === 403) return new Refusal('not-allowed')
  return new Refusal('server-error')
}

async function codeOf(response: Response): Promise<string> {
  try {
    const body: unknown = await response.json()
    if (typeof body === 'object' && body !== null && 'code' in body) return String(body.code)
  } catch {
    // Not JSON: a proxy between us and the server answered.
  }
  return ''
}
