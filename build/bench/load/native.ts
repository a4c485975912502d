import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { repositoryRoot } from '../../paths.ts'

const run = promisify(execFile)

const SOURCES = path.join(import.meta.dirname, '../native')
/** What the benches make once and keep: programs and encoded speech. */
export const BENCH_CACHE = path.join(repositoryRoot, '.cache/bench')

const LOADGEN_FILES = ['loadgen.c', 'peer.c', 'stun.c', 'dtls.c', 'srtp.c', 'speech.c', 'meter.c']
const FLAGS = ['-O2', '-Wall', '-Wextra', '-std=gnu17']

interface NativePrograms {
  loadgen: string
  sendtoLoop: string
}

/** What the machine lacks, in one sentence a person can act on. */
export class MissingPackages extends Error {}

/** Compiles the C programs of native/, once for each state of their sources. @throws MissingPackages */
export async function buildNative(): Promise<NativePrograms> {
  const folder = path.join(BENCH_CACHE, await hashOfSources())
  const programs = { loadgen: path.join(folder, 'loadgen'), sendtoLoop: path.join(folder, 'sendto-loop') }
  if (existsSync(folder)) return programs
  await checkPackages()
  await mkdir(BENCH_CACHE, { recursive: true })
  const fresh = await mkdtemp(path.join(BENCH_CACHE, 'new-'))
  const libraries = ['-lssl', '-lcrypto']
  await compile([...LOADGEN_FILES, '-o', path.join(fresh, 'loadgen'), ...libraries])
  await compile(['sendto-loop.c', '-o', path.join(fresh, 'sendto-loop')])
  // Another bench may have been as quick.
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true, force: true }))
  return programs
}

async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256').update(FLAGS.join(' '))
  for (const file of (await readdir(SOURCES)).toSorted())
    hash.update(file).update(await readFile(path.join(SOURCES, file)))
  return `native-${process.arch}-${hash.digest('hex').slice(0, 16)}`
}

async function compile(args: string[]): Promise<void> {
  await run('gcc', [...FLAGS, ...args], { cwd: SOURCES })
}

async function checkPackages(): Promise<void> {
  const missing: string[] = []
  if (process.platform !== 'linux') throw new MissingPackages('The load generator runs on Linux only.')
  if (await fails('gcc', ['--version'])) missing.push('gcc', 'libc6-dev')
  const includesOpenssl = ['-E', '-include', 'openssl/ssl.h', '-x', 'c', '/dev/null', '-o', '/dev/null']
  if (await fails('gcc', includesOpenssl)) missing.push('libssl-dev')
  if (await fails('taskset', ['--version'])) missing.push('util-linux')
  if (missing.length > 0) {
    throw new MissingPackages(
      `The load generator is C and is compiled here; install with: apt-get install ${missing.join(' ')}`,
    )
  }
}

async function fails(command: string, args: string[]): Promise<boolean> {
  return run(command, args).then(
    () => false,
    () => true,
  )
}
