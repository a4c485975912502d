import { chownSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { StartProblem } from '../../start-problem.ts'

/** Who PostgreSQL runs as. */
export interface Account {
  name: string
  uid: number
  gid: number
}

/** Unprivileged accounts that exist on most systems, best first. We make no account. */
const CANDIDATES = ['postgres', '_postgres', 'nobody']

/**
 * PostgreSQL refuses to run as root, so that root starts it as an unprivileged account: the one that owns
 * the database already, else the best that exists. null: as ourselves.
 * @throws StartProblem where root finds no such account.
 */
export function accountFor(postgresFolder: string): Account | null {
  if (process.getuid?.() !== 0) return null
  const accounts = readAccounts()
  const owner = statSync(postgresFolder).uid
  const owning = accounts.find((account) => account.uid === owner && owner !== 0)
  const found = owning ?? CANDIDATES.map((name) => accounts.find((account) => account.name === name)).find(Boolean)
  if (found !== undefined) return found
  throw new StartProblem(
    'The embedded database cannot run as root and finds no account "postgres" or "nobody"; start Engawa as an ordinary user, or set DATABASE_URL.',
  )
}

function readAccounts(): Account[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [name, , uid, gid] = line.split(':')
      if (name === undefined || uid === undefined || gid === undefined) return []
      // macOS writes nobody's ids as -2: the same 32 bits.
      return [{ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }]
    })
}

/** Gives a folder and all in it to the account. */
export function giveTo(account: Account, folder: string): void {
  if (statSync(folder).uid === account.uid) return
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const inside = path.join(folder, entry.name)
    if (entry.isDirectory()) giveTo(account, inside)
    else if (entry.isFile()) chownSync(inside, account.uid, account.gid)
  }
  // The folder itself last: it tells that all in it is given.
  chownSync(folder, account.uid, account.gid)
}
