import { describe, expect, it, vi } from 'vitest'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { ServerConnection } from '../app/server-connection.ts'
import { AuthError, register, signIn, signOut } from './auth-api.ts'

function connectionThatAnswers(response: Response) {
  const connection = {
    request: vi.fn(async (_path: string, _init?: RequestInit) => response),
    identityChanged: vi.fn(async (_token: string | null) => null),
  }
  return connection as typeof connection & ServerConnection
}

const refusal = (status: number, body: string) => connectionThatAnswers(new Response(body, { status }))
const account = { email: 'h@example.org', password: 'correct horse' }

describe('signIn', () => {
  it('hands the bearer token to the connection', async () => {
    const connection = connectionThatAnswers(new Response('{}', { headers: { 'set-auth-token': 'secret' } }))
    await signIn(connection, account)
    expect(connection.identityChanged).toHaveBeenCalledWith('secret')
    expect(JSON.parse(String(connection.request.mock.calls[0]?.[1]?.body))).toEqual(account)
  })

  it('tells wrong words from a server that refuses', async () => {
    await expect(signIn(refusal(401, '{"code":"INVALID_EMAIL_OR_PASSWORD"}'), account)).rejects.toMatchObject({
      problem: 'wrongCredentials',
    })
    await expect(signIn(refusal(429, '{}'), account)).rejects.toMatchObject({ code: 'too-many-requests' })
    await expect(signIn(refusal(502, '<html>'), account)).rejects.toMatchObject({ code: 'server-error' })
  })
})

describe('register', () => {
  it('knows a taken address', async () => {
    const taken = refusal(422, '{"code":"USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"}')
    await expect(register(taken, { ...account, name: 'Hana' })).rejects.toBeInstanceOf(AuthError)
    expect(taken.identityChanged).not.toHaveBeenCalled()
  })
})

describe('signOut', () => {
  it('forgets who one was, also where the server had forgotten already', async () => {
    for (const status of [200, 401]) {
      const connection = refusal(status, '{}')
      await signOut(connection)
      expect(connection.identityChanged).toHaveBeenCalledWith(null)
    }
  })

  it('stays signed in where the server could not end the session', async () => {
    const connection = refusal(500, '{}')
    await expect(signOut(connection)).rejects.toBeInstanceOf(Refusal)
    expect(connection.identityChanged).not.toHaveBeenCalled()
  })
})
