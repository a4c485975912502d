import { createHmac } from 'node:crypto'
import { SRTP_KEY_BYTES, type SrtpKeys, type SrtpProfile, srtpSaltBytes } from '../srtp/profile.ts'
import { KEY_BLOCK_BYTES } from './record-cipher.ts'

/** TLS 1.2's key schedule with SHA-256. Randoms are the two hellos'. */
export interface Randoms {
  client: Buffer
  server: Buffer
}

const MASTER_SECRET_BYTES = 48
const VERIFY_DATA_BYTES = 12
/** RFC 5764 §4.2. */
const SRTP_EXPORTER_LABEL = 'EXTRACTOR-dtls_srtp'

/** RFC 5246 §5: P_SHA256. */
function prf(secret: Buffer, label: string, options: { seed: readonly Buffer[]; lengthBytes: number }): Buffer {
  const seed = Buffer.concat([Buffer.from(label), ...options.seed])
  const blocks: Buffer[] = []
  let link: Buffer = seed
  for (let lengthBytes = 0; lengthBytes < options.lengthBytes; lengthBytes += 32) {
    link = createHmac('sha256', secret).update(link).digest()
    blocks.push(createHmac('sha256', secret).update(link).update(seed).digest())
  }
  return Buffer.concat(blocks, options.lengthBytes)
}

/** RFC 5246 §8.1: for peers that do not offer the extension of RFC 7627. */
export function masterSecret(premasterSecret: Buffer, randoms: Randoms): Buffer {
  const seed = [randoms.client, randoms.server]
  return prf(premasterSecret, 'master secret', { seed, lengthBytes: MASTER_SECRET_BYTES })
}

/** RFC 7627 §4. @param sessionHash of all messages up to ClientKeyExchange, that one included. */
export function extendedMasterSecret(premasterSecret: Buffer, sessionHash: Buffer): Buffer {
  return prf(premasterSecret, 'extended master secret', { seed: [sessionHash], lengthBytes: MASTER_SECRET_BYTES })
}

/** RFC 5246 §6.3. */
export function keyBlock(master: Buffer, randoms: Randoms): Buffer {
  return prf(master, 'key expansion', { seed: [randoms.server, randoms.client], lengthBytes: KEY_BLOCK_BYTES })
}

/** RFC 5246 §7.4.9. @param transcriptHash of all messages before this Finished. */
export function verifyData(master: Buffer, side: 'client' | 'server', transcriptHash: Buffer): Buffer {
  return prf(master, `${side} finished`, { seed: [transcriptHash], lengthBytes: VERIFY_DATA_BYTES })
}

/** RFC 5764 §4.2 by RFC 5705: two keys and two salts, the client's first. Outgoing is the server's. */
export function srtpKeys(
  master: Buffer,
  randoms: Randoms,
  profile: SrtpProfile,
): { outgoing: SrtpKeys; incoming: SrtpKeys } {
  const [key, salt] = [SRTP_KEY_BYTES, srtpSaltBytes(profile)]
  const seed = [randoms.client, randoms.server]
  const material = prf(master, SRTP_EXPORTER_LABEL, { seed, lengthBytes: 2 * (key + salt) })
  const part = (start: number, length: number) => material.subarray(start, start + length)
  return {
    incoming: { masterKey: part(0, key), masterSalt: part(2 * key, salt) },
    outgoing: { masterKey: part(key, key), masterSalt: part(2 * key + salt, salt) },
  }
}
