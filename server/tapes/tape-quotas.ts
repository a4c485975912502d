import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { NowMs } from '../clock.ts'
import type { TapeQuotaConfig } from '../config.ts'
import { TAPE_TOTAL_TTL_MS } from '../limits.ts'
import { serverDiskFull, type TapeFiles } from './tape-files.ts'
import type { TapeRecord, TapeStore } from './tape-record.ts'

/** How much room tapes may take. Uploads that are under way at the same moment are not counted with each other. */
export interface TapeQuotas {
  /** @throws Refusal `quota-exceeded`, `server-disk-full`. */
  assertRoomFor(tape: Pick<TapeRecord, 'takeId' | 'owner'>, sizeBytes: number): Promise<void>
  /** A chunk was stored. */
  added(sizeBytes: number): void
}

export interface TapeQuotasDeps {
  config: TapeQuotaConfig
  store: Pick<TapeStore, 'usage' | 'totalBytes'>
  files: Pick<TapeFiles, 'freeBytes'>
  steadyMs: NowMs
}

export function createTapeQuotas({ config, store, files, steadyMs }: TapeQuotasDeps): TapeQuotas {
  let total: { bytes: number; untilMs: number } | null = null
  const totalBytes = async () => {
    if (total === null || steadyMs() >= total.untilMs) {
      total = { bytes: await store.totalBytes(), untilMs: steadyMs() + TAPE_TOTAL_TTL_MS }
    }
    return total.bytes
  }
  return {
    async assertRoomFor({ takeId, owner }, sizeBytes) {
      if ((await files.freeBytes()) - sizeBytes < config.minFreeBytes) throw serverDiskFull()
      const { takeBytes, ownerBytes } = await store.usage(takeId, owner)
      if (takeBytes + sizeBytes > config.takeBytes) throw exceeded('this recording')
      if (ownerBytes + sizeBytes > config.personBytes) throw exceeded('your recordings')
      if (config.serverBytes !== null && (await totalBytes()) + sizeBytes > config.serverBytes) {
        throw exceeded('recordings')
      }
    },
    added(sizeBytes) {
      if (total !== null) total.bytes += sizeBytes
    },
  }
}

function exceeded(what: string): Refusal {
  return new Refusal(
    'quota-exceeded',
    `The server's room for ${what} is used up. The recording goes on on your own computer; ask whoever runs the server for more room.`,
  )
}
