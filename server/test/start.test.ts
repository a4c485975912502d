import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  cleanUp,
  FOREIGN_DATABASE_URL,
  newFolder,
  newPerson,
  type StartOutcome,
  startServer,
  tryToStart,
  until,
} from './harness.ts'

afterAll(cleanUp)

/** One plain sentence on standard error and nothing else, exit code 1. */
function expectSentence(outcome: StartOutcome, sentence: RegExp): void {
  if (outcome.ready) throw new Error('the server should not have started')
  expect(outcome.output).toMatch(sentence)
  expect(outcome.output.trim().split('\n')).toHaveLength(1)
  expect(outcome.code).toBe(1)
}

describe('a start that cannot work ends with one sentence', () => {
  it('a wrong variable', async () => {
    expectSentence(
      await tryToStart({ env: { ENGAWA_PORT: 'eighty' } }),
      /^The variable ENGAWA_PORT is "eighty"; it must be /,
    )
  })

  it('a port in use', async () => {
    const other = createServer()
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port))
    })
    expectSentence(
      await tryToStart({ env: { ENGAWA_PORT: String(port) } }),
      /^The port \d+ is in use by another program; /,
    )
    other.close()
  })

  it('an address of another machine', async () => {
    expectSentence(
      await tryToStart({ env: { ENGAWA_HOST: '192.0.2.250' } }),
      /^The address 192.0.2.250 is not one of this/,
    )
  })

  it('a data folder that is a file, or that nobody can write', async () => {
    const file = path.join(newFolder(), 'file')
    writeFileSync(file, '')
    expectSentence(await tryToStart({ dataFolder: file }), /^The data folder .* cannot be used: /)
    expectSentence(
      await tryToStart({ dataFolder: path.join(file, 'in-it') }),
      /a part of that path is a file \(ENOTDIR\)/,
    )
    expectSentence(await tryToStart({ dataFolder: '/proc/engawa' }), /^The data folder \/proc\/engawa cannot be used: /)
  })

  it('a data folder that another Engawa holds, which goes on', async () => {
    const first = await startServer()
    const second = await tryToStart({ dataFolder: first.dataFolder, databaseUrl: first.databaseUrl })
    expectSentence(second, new RegExp(`^Another Engawa \\(process ${first.pid}\\) is running on the data folder `))
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200)
    expect(await first.stop()).toBe(0)
  })

  it.each([
    [
      'postgres://engawa:wrong@127.0.0.1:1/engawa',
      /^The database of DATABASE_URL \(engawa@127.0.0.1:1\/engawa\) cannot be reached: nothing/,
    ],
    [
      'postgres://engawa:secret-word@no-such-host.invalid/engawa',
      /^The database of DATABASE_URL .* cannot be reached: there is no such host/,
    ],
  ])('a database that is not there: %s', async (url, sentence) => {
    const outcome = await tryToStart({ env: { DATABASE_URL: url } })
    expectSentence(outcome, sentence)
    expect(outcome.ready ? '' : outcome.output).not.toMatch(/wrong@|secret-word/)
  })

  it.runIf(FOREIGN_DATABASE_URL !== undefined)('a wrong password', async () => {
    const url = new URL(FOREIGN_DATABASE_URL ?? '')
    url.password = 'certainly-wrong'
    expectSentence(await tryToStart({ env: { DATABASE_URL: url.href } }), /refuses the name or the password\.$/m)
  })
})

describe('an unknown variable', () => {
  it('is named in a warning, with what was probably meant', async () => {
    const server = await startServer({ env: { ENGAWA_PORTT: '1' } })
    expect(server.output()).toContain(
      'The variable ENGAWA_PORTT is not known and has no effect. Did you mean ENGAWA_PORT?',
    )
    await server.stop()
  })
})

describe('keys', () => {
  it('are made once, for the owner only', async () => {
    const server = await startServer()
    const keys = path.join(server.dataFolder, 'keys')
    const read = () => readdirSync(keys).map((name) => readFileSync(path.join(keys, name), 'utf8'))
    const before = read()
    expect(before.length).toBeGreaterThan(3)
    const modes = execFileSync('stat', ['-c', '%a', ...readdirSync(keys).map((name) => path.join(keys, name))], {
      encoding: 'utf8',
    })
    expect(new Set(modes.trim().split('\n'))).toEqual(new Set(['600']))
    await server.stop()
    const again = await startServer({ dataFolder: server.dataFolder, databaseUrl: server.databaseUrl })
    expect(read()).toEqual(before)
    await again.stop()
  })
})

describe.runIf(FOREIGN_DATABASE_URL === undefined)('the embedded database', () => {
  it('outlives a SIGKILL of the server without loss, ends by itself, and the next start works', async () => {
    const server = await startServer()
    const { cookie } = await newPerson(server, 'Kept')
    const { dataFolder } = server
    const postmaster = Number(
      readFileSync(path.join(dataFolder, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0],
    )
    await server.kill()
    const again = await startServer({ dataFolder })
    const me = await fetch(`${again.url}/api/trpc/people.me`, { headers: { cookie } })
    expect(await me.json()).toMatchObject({ result: { data: { name: 'Kept' } } })
    await until(() => !isAlive(postmaster), 'the database of the killed server has ended')
    await again.stop()
  })

  it('a lock file whose process number is now a stranger’s does not stop the start', async () => {
    const server = await startServer()
    const { dataFolder } = server
    await server.stop()
    const lock = `${process.pid}\n/proc/self/cwd\n1\n5432\n\n\n\nready   \n`
    for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) {
      writeFileSync(path.join(dataFolder, 'postgres/cluster', name), lock)
    }
    const again = await startServer({ dataFolder })
    expect((await fetch(`${again.url}/readyz`)).status).toBe(200)
    await again.stop()
  })

  it.runIf(process.platform === 'linux')(
    'a killed database that nobody reaps (containers) does not stop the start',
    async () => {
      const server = await startServer()
      const { dataFolder } = server
      await server.stop()
      const { uid, gid } = statSync(path.join(dataFolder, 'postgres/cluster'))
      const zombie = await makeZombie({ uid, gid })
      const lock = `${zombie.pid}\n/proc/self/cwd\n1\n5432\n\n\n\nready   \n`
      for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) {
        writeFileSync(path.join(dataFolder, 'postgres/cluster', name), lock)
      }
      const again = await startServer({ dataFolder })
      expect((await fetch(`${again.url}/readyz`)).status).toBe(200)
      await again.stop()
      zombie.bury()
    },
  )

  it('works on a path that is too long for a socket', async () => {
    const dataFolder = path.join(newFolder(), 'long-'.repeat(22))
    const server = await startServer({ dataFolder })
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    expect(await server.stop()).toBe(0)
  })
})

/** A process that has ended and whose parent does not ask how. */
async function makeZombie(account: { uid: number; gid: number }): Promise<{ pid: number; bury(): void }> {
  const parent = spawn('/bin/sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], { ...account, cwd: '/' })
  const [line] = await once(parent.stdout, 'data')
  const pid = Number(String(line))
  await until(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '), 'it has ended')
  return { pid, bury: () => void parent.kill() }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
