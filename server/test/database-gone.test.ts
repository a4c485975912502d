import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { startFakeNode } from './fake-node.ts'
import { cleanUp, connect, FOREIGN_DATABASE_URL, newPerson, post, reasonOf, startServer, until } from './harness.ts'

afterAll(cleanUp)

it.runIf(FOREIGN_DATABASE_URL === undefined)(
  'a database that is gone: clear errors, live rooms go on, and it heals by itself',
  async () => {
    const server = await startServer({ env: { ENGAWA_LOG_LEVEL: 'error' } })
    const host = await newPerson(server, 'Host')
    const node = startFakeNode(server, { credential: { relayKey: server.relayKey }, snapshots: true })
    await node.up()
    const { roomId } = await host.client.api.rooms.create.mutate({ title: 'x', visibility: 'public', hosting: 'relay' })
    await host.client.api.rooms.goLive.mutate({ roomId })
    const { seat, participantId } = await host.client.api.rooms.join.mutate({ roomId })
    const guest = connect(server)

    const pidFile = path.join(server.dataFolder, 'postgres/cluster/postmaster.pid')
    const postmaster = () => Number(readFileSync(pidFile, 'utf8').split('\n')[0])
    const first = postmaster()
    // Stopped, it takes no connection; killed, its place is empty. Both are tried: it is killed again and again.
    const killing = setInterval(() => killQuietly(postmaster), 20)
    await until(async () => (await fetch(`${server.url}/readyz`)).status === 503, 'not ready')
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)

    const { reason, message } = await until(
      () => reasonOf(host.client.api.rooms.mine.query()).catch(() => null),
      'a query that fails',
    )
    expect(reason).toBe('server-error')
    expect(message).toBe('The database does not answer at the moment. Try again in a few seconds.')
    const signIn = await post(server, '/api/auth/sign-in/email', { email: host.email, password: host.password })
    expect(signIn.status).toBe(503)
    expect(await signIn.json()).toMatchObject({ code: 'SERVER_ERROR' })

    await host.client.api.rooms.act.mutate({ seat, action: { type: 'raise-hand' } })
    const returning = connect(server, { authorization: `Bearer ${host.bearer}` })
    expect(await returning.api.rooms.join.mutate({ roomId, seat })).toMatchObject({ participantId })
    const { token } = await guest.api.rooms.join.mutate({ roomId, name: 'Guest' })
    expect(await guest.api.rooms.offer.mutate({ token, offerSdp: 'v=0' })).toMatchObject({
      participant: { name: 'Guest' },
    })

    clearInterval(killing)
    await until(async () => (await fetch(`${server.url}/readyz`)).status === 200, 'ready again', 20_000)
    expect(postmaster()).not.toBe(first)
    await until(() => host.client.api.rooms.mine.query().catch(() => null), 'queries work again')
    expect((await host.client.api.rooms.mine.query())[0]).toMatchObject({ roomId, status: 'live' })
    await node.close()
    expect(await server.stop()).toBe(0)
  },
)

function killQuietly(pid: () => number): void {
  try {
    process.kill(pid(), 'SIGKILL')
  } catch {
    // Between two lives there is none.
  }
}
