import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type PublicKey, publicKeySchema } from '../sfu-core/contract/token.ts'
import { StartProblem, systemWordsFor } from './start-problem.ts'

/** The server's secrets, made once and kept in `<data>/keys`, for the owner only. */
export interface Keys {
  /** Signs room tokens, seats, node tokens and tickets (Ed25519, RFC 8037). */
  signing: KeyObject
  verifying: KeyObject
  /** What nodes check room tokens with. */
  publicKey: PublicKey
  /** better-auth signs its cookies with it. */
  authSecret: string
  /** Opens the server to relays. */
  relayKey: string
  /** Of the embedded database, where it is reached over a port (Windows). */
  databasePassword: string
  /** Makes participant ids out of accounts, so that they tell nothing about them. */
  seatSecret: string
}

const SECRET_BYTES = 32

/** @throws StartProblem when a key file cannot be read or written, or is damaged. */
export function loadKeys(folder: string, givenRelayKey: string | null): Keys {
  const secret = (name: string) => keep(path.join(folder, name), () => randomBytes(SECRET_BYTES).toString('base64url'))
  const signing = readSigningKey(path.join(folder, 'signing.pem'))
  const verifying = createPublicKey(signing)
  return {
    signing,
    verifying,
    publicKey: publicKeySchema.parse(verifying.export({ format: 'jwk' })),
    authSecret: secret('auth-secret'),
    relayKey: givenRelayKey ?? secret('relay-key'),
    databasePassword: secret('database-password'),
    seatSecret: secret('seat-secret'),
  }
}

function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function readSigningKey(file: string): KeyObject {
  const pem = keep(file, newSigningKey)
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // Said below.
  }
  throw new StartProblem(
    `The key ${file} is damaged; restore it from a backup, or remove it (people in rooms then have to join again).`,
  )
}

/** The file's content; a file that is missing is made. Written whole or not at all. We hold the folder's lock. */
function keep(file: string, make: () => string): string {
  try {
    if (!existsSync(file)) {
      writeFileSync(`${file}.new`, make(), { mode: 0o600, flush: true })
      renameSync(`${file}.new`, file)
    }
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new StartProblem(`The key file ${file} cannot be used: ${systemWordsFor(error)}.`)
  }
}
