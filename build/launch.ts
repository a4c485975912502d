/**
 * The main job by one command: builds what is stale, starts the server with its relay and database, opens
 * the desktop app or says in one sentence why the web client takes its place.
 */

import { buildDesktop, findElectron, openDesktop } from './desktop.ts'
import { startDevPage } from './dev.ts'
import { type ReadyServer, type Running, startServer } from './supervise.ts'
import { buildWeb } from './web.ts'

const HELP = `npm start              starts Engawa and opens the desktop app
npm start -- --web     starts Engawa for the browser only
npm run dev            starts Engawa and rebuilds while you edit

Settings are environment variables; README.md lists them.`

/** Ctrl-C has ended everything within 2 s: what has not ended by then is killed. */
const STOP_TOTAL_MS = 1_850
/** One Ctrl-C can arrive several times: from the terminal, and handed on by npm. A person's second one comes later. */
const SAME_SIGNAL_MS = 500
/** The desktop's share of it, where there is one: closing the takes it hosts takes some tens of ms. */
const STOP_DESKTOP_MS = 800

const KNOWN_FLAGS = ['--web', '--dev', '--help']

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function building(what: string, step: Promise<boolean>): Promise<void> {
  const startedAtMs = performance.now()
  if (await step) say(`Built ${what} in ${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s.`)
}

function sayWhereItIs(server: ReadyServer): void {
  say('')
  say(`  Engawa is at ${server.url}`)
  for (const url of server.lanUrls) say(`  For others on your network: ${url}`)
  say('')
  say('  Next: open that address, create an account, press "New room", go live, and send the invite link.')
  say('  Ctrl-C ends everything.')
  say('')
}

/** Opens the desktop app; null, after saying why, where that is not possible. */
async function openDesktopApp(server: ReadyServer): Promise<Running | null> {
  const electron = await findElectron()
  if (!electron.found) {
    say(`${electron.why} Use the web client at ${server.url} instead.`)
    return null
  }
  try {
    await building('the desktop app', buildDesktop())
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
    say(`The desktop app could not be built (${why}). Use the web client at ${server.url} instead.`)
    return null
  }
  const desktop = openDesktop({ electron: electron.executable, serverUrl: server.url })
  void desktop.exited.then((code) => {
    if (stopAskedAtMs === null)
      say(`The desktop app has ended${code === 0 ? '' : ` (code ${code})`}. The server goes on; Ctrl-C ends it.`)
  })
  return desktop
}

let stopAskedAtMs: number | null = null
let server: ReadyServer | null = null
/** The desktop app, or the page's development server. */
let front: Running | null = null

async function stopAll(exitCode: number): Promise<void> {
  const startedAtMs = performance.now()
  if (stopAskedAtMs !== null) {
    if (startedAtMs - stopAskedAtMs < SAME_SIGNAL_MS) return
    // A second Ctrl-C does not wait.
    process.exit(1)
  }
  stopAskedAtMs = startedAtMs
  // The desktop goes first: it may be hosting, and the server is told of the takes that it closes.
  await front?.stop(STOP_DESKTOP_MS)
  await server?.stop(STOP_TOTAL_MS - (performance.now() - startedAtMs))
  process.exit(exitCode)
}

async function launch(flags: string[]): Promise<void> {
  const unknown = flags.filter((flag) => !KNOWN_FLAGS.includes(flag))
  if (flags.includes('--help') || unknown.length > 0) {
    if (unknown.length > 0) say(`Unknown: ${unknown.join(' ')}\n`)
    say(HELP)
    process.exit(unknown.length > 0 ? 1 : 0)
  }
  const isDev = flags.includes('--dev')
  await building('the web client', buildWeb())
  server = await startServer(isDev ? ['--watch', '--watch-preserve-output'] : [])
  if (server === null) process.exit(1)
  void server.exited.then((code) => {
    if (stopAskedAtMs === null) void stopAll(code || 1)
  })
  sayWhereItIs(server)
  if (isDev) {
    front = await startDevPage(server.url)
    return
  }
  if (!flags.includes('--web')) front = await openDesktopApp(server)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stopAll(0))
// The starter (build/install.mjs) was killed: nothing may be left running.
process.on('disconnect', () => void stopAll(1))

await launch(process.argv.slice(2))
