import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { descendantsOf, isAlive } from '../harness/processes.ts'
import { freePort, temporaryFolder } from '../harness/program.ts'
import { repositoryRoot } from '../paths.ts'

/** issue: "Ctrl-C ends everything cleanly, in under two seconds". */
const STOP_LIMIT_MS = 2_000

/** `npm start` as a person runs it, in a process group of its own, so that Ctrl-C can be sent to all of it. */
function npmStart(env: Record<string, string>): {
  child: ChildProcess
  output: () => string
  said(text: string): Promise<void>
  exited: Promise<number>
} {
  const child = spawn('npm', ['start', '--', '--web'], {
    cwd: repositoryRoot,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const look of waiting) look()
    })
  }
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (output.includes(text)) resolve()
      }
      waiting.add(look)
      look()
      void exited.then((code) => reject(new Error(`npm start ended with ${code} before it said "${text}":\n${output}`)))
    })
  return { child, output: () => output, said, exited }
}

describe('npm start', () => {
  it('says where it is and what to do next, and Ctrl-C ends everything within 2 s', async () => {
    await using folder = await temporaryFolder('start')
    const port = await freePort()
    const start = npmStart({ ENGAWA_DATA: folder.path, ENGAWA_PORT: String(port) })
    await start.said('Ctrl-C ends everything')
    expect(start.output()).toMatch(new RegExp(`Engawa is at http://[^ ]*:${port}`))
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain('<title>')
    const pid = start.child.pid ?? 0
    const family = descendantsOf(pid)
    expect(family.length).toBeGreaterThan(3)
    const askedAtMs = performance.now()
    // The terminal sends Ctrl-C to the whole group.
    process.kill(-pid, 'SIGINT')
    await start.exited
    expect(performance.now() - askedAtMs).toBeLessThan(STOP_LIMIT_MS)
    expect(family.filter(isAlive)).toEqual([])
  })

  it('says in one sentence that the port is in use', async () => {
    await using folder = await temporaryFolder('port')
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, resolve))
    const address = other.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const start = npmStart({ ENGAWA_DATA: folder.path, ENGAWA_PORT: String(port) })
    expect(await start.exited).not.toBe(0)
    other.close()
    expect(start.output()).toContain(String(port))
    expect(start.output()).toContain('ENGAWA_PORT')
    expect(start.output()).not.toMatch(/^\s+at /m)
  })
})
