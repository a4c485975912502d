import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { NowMs } from '../clock.ts'
import type { TapeQuotaConfig } from '../config.ts'
import type { Queries } from '../db/database.ts'
import type { Keys } from '../keys.ts'
import type { ChunkReceiverDeps } from './chunk-receiver.ts'
import { createHandoverStore } from './handover.db.ts'
import { createHandover, type Handover } from './handover.ts'
import { KeyedLock } from './keyed-lock.ts'
import { createStandings, type Standings } from './standings.ts'
import { createTapeFiles } from './tape-files.ts'
import { createTapeMaterials, type TapeMaterials } from './tape-material.ts'
import { TapeNews } from './tape-news.ts'
import { createTapeQuotas } from './tape-quotas.ts'
import type { TapeStore } from './tape-record.ts'
import { createTapeStore } from './tapes.db.ts'
import { UploadGate } from './upload-gate.ts'

export interface TapePartsOptions {
  queries: Queries
  takesFolder: string
  quotas: TapeQuotaConfig
  signingKey: Keys['signing']
  nowMs: NowMs
  steadyMs: NowMs
}

/** What the tapes' rules and routes share, and the studio needs of them. */
export interface TapeParts extends TapeMaterials {
  store: TapeStore
  receiver: ChunkReceiverDeps
  handover: Handover
  standings: Standings
  lock: KeyedLock
  news: TapeNews
  /** Something came to a take's tapes. Returns the way to stop. */
  onTapeNews(listener: (takeId: TakeId) => void): () => void
}

export async function createTapeParts(options: TapePartsOptions): Promise<TapeParts> {
  const { signingKey, nowMs, steadyMs } = options
  const store = createTapeStore(options.queries)
  const files = createTapeFiles(options.takesFolder)
  await files.start()
  const news = new TapeNews()
  const lock = new KeyedLock()
  const quotas = createTapeQuotas({ config: options.quotas, store, files, steadyMs })
  const gate = new UploadGate()
  return {
    ...createTapeMaterials(store, files),
    store,
    receiver: { store, files, quotas, gate, lock, signingKey, nowMs, news },
    handover: createHandover({ store, handovers: createHandoverStore(options.queries), files, lock, news, nowMs }),
    standings: createStandings({ store, news, nowMs }),
    lock,
    news,
    onTapeNews: (listener) => news.listen(listener),
  }
}
