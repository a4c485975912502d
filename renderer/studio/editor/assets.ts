import type { StudioAsset } from '../../../server/contract/views.ts'
import type { TakeId } from '../../../sfu-core/contract/ids.ts'
import { TITLE_MAX_CHARS } from '../../../sfu-core/contract/limits.ts'
import { isReasonCode, Refusal } from '../../../sfu-core/contract/reasons.ts'
import { serverConnection } from '../../app/server-connection.ts'

export interface AssetUpload {
  takeId: TakeId
  file: File
  /** 0 to 1. */
  onProgress: (progress: number) => void
  signal: AbortSignal
}

/** Sends a sound file to the take. @throws Refusal as the server says, OfflineError. */
export async function uploadAsset({ takeId, file, onProgress, signal }: AssetUpload): Promise<StudioAsset> {
  const path = `/api/takes/${takeId}/assets?name=${encodeURIComponent(nameOf(file))}`
  const { status, body } = await serverConnection().upload(path, file, { method: 'PUT', onProgress, signal })
  if (status >= 300) throw refusalOf(body)
  return JSON.parse(body) as StudioAsset
}

/** @throws Refusal, OfflineError. */
export async function deleteAsset(takeId: TakeId, assetId: string): Promise<void> {
  const answer = await serverConnection().request(`/api/takes/${takeId}/assets/${assetId}`, { method: 'DELETE' })
  if (!answer.ok) throw refusalOf(await answer.text())
}

function nameOf({ name }: File): string {
  return [...name.trim()].slice(0, TITLE_MAX_CHARS).join('').toWellFormed() || 'sound'
}

/** What the server's HTTP routes answer with where they refuse (server/http/errors.ts). */
function refusalOf(body: string): Refusal {
  try {
    const { reason } = JSON.parse(body) as { reason?: unknown }
    if (isReasonCode(reason)) return new Refusal(reason)
  } catch {
    // Something between that answers in its own words.
  }
  return new Refusal('server-error')
}
