import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { nanoid } from 'nanoid'
import type { Logger } from 'pino'
import { type ReasonCode, Refusal } from '../../sfu-core/contract/reasons.ts'
import { STUDIO_ASSET_MAX_BYTES, STUDIO_ASSET_MAX_MS } from '../contract/inputs.ts'
import type { StudioAsset } from '../contract/views.ts'
import { receiveFile, type TakePlace } from '../takes/take-files.ts'
import type { AssetStore } from './assets.db.ts'
import type { StudioFiles } from './studio-files.ts'
import { ASSETS_PER_TAKE_COUNT, PROBE_TIMEOUT_MS, PROBES_AT_ONCE_COUNT } from './studio-limits.ts'
import { type RunEnd, type StudioRun, type StudioRunOptions, startStudioRun } from './studio-process.ts'

export interface AssetIntakeDeps {
  assets: AssetStore
  files: StudioFiles
  log: Logger
  startRun?: (options: StudioRunOptions) => StudioRun
}

/** Takes sound for before and after the talk: only what a process of its own could decode to the end is kept. */
export class AssetIntake {
  readonly #deps: AssetIntakeDeps
  readonly #probes = new Set<StudioRun>()
  #uploadCount = 0
  #closed = false

  constructor(deps: AssetIntakeDeps) {
    this.#deps = deps
  }

  /** @throws Refusal `quota-exceeded`, `too-many-requests`, `message-too-large`, `sound-unusable`, `server-disk-full`. */
  async take(place: TakePlace, upload: { name: string; content: Readable }): Promise<StudioAsset> {
    if (this.#uploadCount >= PROBES_AT_ONCE_COUNT || this.#closed) {
      throw new Refusal('too-many-requests', 'Other files are looked at. Try again in a few seconds.')
    }
    this.#uploadCount += 1
    try {
      return await this.#takeOne(place, upload)
    } finally {
      this.#uploadCount -= 1
    }
  }

  /** False where there is none. */
  async remove(place: TakePlace, assetId: string): Promise<boolean> {
    const { assets, files } = this.#deps
    if (!(await assets.remove(place.takeId, assetId))) return false
    await files.removeAsset(place, assetId)
    return true
  }

  close(): void {
    this.#closed = true
    for (const run of this.#probes) run.kill()
  }

  async #takeOne(place: TakePlace, { name, content }: { name: string; content: Readable }): Promise<StudioAsset> {
    const { assets, files } = this.#deps
    if ((await assets.countOfTake(place.takeId)) >= ASSETS_PER_TAKE_COUNT) {
      throw new Refusal('quota-exceeded', `A take has at most ${ASSETS_PER_TAKE_COUNT} sounds of its own.`)
    }
    const assetId = nanoid()
    const folder = await files.newWorkFolder(place, `asset-${assetId}`)
    try {
      const file = path.join(folder, assetId)
      await receiveFile(file, { content, sha256: null, maxBytes: STUDIO_ASSET_MAX_BYTES })
      const asset = { assetId, name, lengthMs: await this.#lengthOf(file), sizeBytes: (await stat(file)).size }
      await files.publishAsset(place, { file, assetId })
      await assets.insert(place.takeId, asset)
      return asset
    } finally {
      await files.removeWorkFolder(folder)
    }
  }

  async #lengthOf(file: string): Promise<number> {
    const { log, startRun = startStudioRun } = this.#deps
    const run = startRun({ task: { kind: 'probe', file, lengthMaxMs: STUDIO_ASSET_MAX_MS }, onProgress: () => {}, log })
    this.#probes.add(run)
    const timer = setTimeout(() => run.kill(), PROBE_TIMEOUT_MS)
    try {
      return lengthIn(await run.ended)
    } finally {
      clearTimeout(timer)
      this.#probes.delete(run)
    }
  }
}

/** A file that crashes the process that looks at it is none that we want. */
function lengthIn(end: RunEnd): number {
  if (end.how === 'done' && end.outcome.kind === 'probe') return end.outcome.lengthMs
  const reason: ReasonCode = end.how === 'failed' && end.reason === 'server-disk-full' ? end.reason : 'sound-unusable'
  throw new Refusal(reason, 'That file is not sound that can be used, or it is longer than half an hour.')
}
