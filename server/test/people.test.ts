import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DISABLED_AUTH_PATHS } from '../people/auth.ts'
import { cleanUp, connect, cookieOf, newPerson, post, startServer, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(cleanUp)

describe('accounts', () => {
  it('are made, left and entered again', async () => {
    const { client, email, password, cookie } = await newPerson(server, 'Hana')
    expect(await client.api.people.me.query()).toMatchObject({ name: 'Hana', email })
    const withCookie = await fetch(`${server.url}/api/trpc/people.me`, { headers: { cookie } })
    expect(await withCookie.json()).toMatchObject({ result: { data: { name: 'Hana' } } })

    const signedOut = await post(server, '/api/auth/sign-out', {}, { cookie, origin: server.url })
    expect(signedOut.status).toBe(200)
    const after = await fetch(`${server.url}/api/trpc/people.me`, { headers: { cookie } })
    expect(await after.json()).toEqual({ result: { data: null } })

    const again = await post(server, '/api/auth/sign-in/email', { email, password })
    expect(again.status).toBe(200)
    const me = await fetch(`${server.url}/api/trpc/people.me`, { headers: { cookie: cookieOf(again) } })
    expect(await me.json()).toMatchObject({ result: { data: { email } } })
  })

  it('a taken e-mail address, a short password and a wrong one have clear codes', async () => {
    const { email } = await newPerson(server)
    const taken = await post(server, '/api/auth/sign-up/email', { name: 'X', email, password: 'long enough 1' })
    expect(taken.status).toBe(422)
    expect(await taken.json()).toMatchObject({ code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' })
    const short = await post(server, '/api/auth/sign-up/email', { name: 'X', email: 'a@b.org', password: 'short' })
    expect(await short.json()).toMatchObject({ code: 'PASSWORD_TOO_SHORT' })
    const wrong = await post(server, '/api/auth/sign-in/email', { email, password: 'not the password' })
    expect(wrong.status).toBe(401)
    expect(await wrong.json()).toMatchObject({ code: 'INVALID_EMAIL_OR_PASSWORD' })
  })

  it('nobody changes a name past the rules: what of better-auth is not used is not there', async () => {
    const { client, cookie } = await newPerson(server, 'Hana')
    for (const path of DISABLED_AUTH_PATHS) {
      const response = await post(server, `/api/auth${path}`, { name: 'x'.repeat(1_000) }, { cookie })
      expect([path, response.status]).toEqual([path, 404])
    }
    expect(await client.api.people.me.query()).toMatchObject({ name: 'Hana' })
  })

  it('a guest is nobody, and must sign in to create a room', async () => {
    const guest = connect(server)
    expect(await guest.api.people.me.query()).toBeNull()
    const call = guest.api.rooms.create.mutate({ title: 'x', visibility: 'public', hosting: 'relay' })
    await expect(call).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED', engawa: { reason: 'sign-in-needed' } } })
  })

  it('the desktop app may call from its own origin, and gets its token; other sites may not', async () => {
    const body = { name: 'D', email: `d${Date.now()}@example.org`, password: 'long enough 1' }
    const desktop = await post(server, '/api/auth/sign-up/email', body, { origin: 'app://engawa' })
    expect(desktop.status).toBe(200)
    expect(desktop.headers.get('access-control-allow-origin')).toBe('app://engawa')
    expect(desktop.headers.get('access-control-expose-headers')).toContain('set-auth-token')
    expect(desktop.headers.get('set-auth-token')).toBeTruthy()
    const evil = await post(server, '/api/auth/sign-up/email', body, { origin: 'https://evil.example' })
    expect(evil.status).toBe(403)
    expect(evil.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('sessions survive a restart of the server', async () => {
    const { cookie } = await newPerson(server, 'Kept')
    const { dataFolder, databaseUrl } = server
    expect(await server.stop()).toBe(0)
    server = await startServer({ dataFolder, databaseUrl })
    const me = await fetch(`${server.url}/api/trpc/people.me`, { headers: { cookie } })
    expect(await me.json()).toMatchObject({ result: { data: { name: 'Kept' } } })
  })
})

describe('registration', () => {
  it('can be closed', async () => {
    const closed = await startServer({ env: { ENGAWA_REGISTRATION: 'closed' } })
    const body = { name: 'X', email: 'x@example.org', password: 'long enough 1' }
    const response = await post(closed, '/api/auth/sign-up/email', body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: expect.stringMatching(/SIGN_?UP|DISABLED/) })
  })
})

describe('/api/info', () => {
  it('tells where the world reaches the server, where that is set', async () => {
    const info = async (at: Pick<TestServer, 'url'>) => (await fetch(`${at.url}/api/info`)).json()
    expect(await info(server)).toMatchObject({ name: 'Engawa', publicUrl: null })
    const port = await freePort()
    await startServer({ env: { ENGAWA_PUBLIC_URL: 'https://talk.example.org/', ENGAWA_PORT: String(port) } })
    expect(await info({ url: `http://127.0.0.1:${port}` })).toMatchObject({ publicUrl: 'https://talk.example.org' })
  })
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
