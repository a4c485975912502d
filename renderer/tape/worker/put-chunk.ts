import * as z from 'zod'
import { TAPE_CHUNK_HEADER } from '../../../server/contract/inputs.ts'
import { isReasonCode } from '../../../sfu-core/contract/reasons.ts'
import { type Receipt, receiptSchema, type TapeChunkHeader } from '../../../sfu-core/contract/tape.ts'
import { type ChunkRequest, TapeFailure } from './tape-server.ts'

/** `PUT /api/tapes/:tapeId/chunks/:index`. @throws TapeFailure; TypeError where no answer came. */
export async function putChunk(serverUrl: string, { grant, header, flac, signal }: ChunkRequest): Promise<Receipt> {
  const response = await fetch(`${serverUrl}/api/tapes/${grant.tapeId}/chunks/${header.index}`, {
    method: 'PUT',
    // The token is the right to upload, whoever is signed in.
    credentials: 'omit',
    headers: {
      authorization: `Bearer ${grant.token}`,
      'content-type': 'audio/flac',
      [TAPE_CHUNK_HEADER]: inBase64Url(JSON.stringify(header)),
    },
    // Live sound goes first.
    priority: 'low',
    body: flac,
    signal,
  })
  if (!response.ok) throw await refusalOf(response)
  const receipt = receiptSchema.safeParse(await response.json().catch(() => null))
  if (!receipt.success || !isFor(receipt.data, grant.tapeId, header)) throw new TapeFailure('server-error')
  return receipt.data
}

/** The server has stored what was sent, and not something else. */
function isFor(receipt: Receipt, tapeId: string, header: TapeChunkHeader): boolean {
  return (
    receipt.tapeId === tapeId &&
    receipt.index === header.index &&
    receipt.firstSample === header.firstSample &&
    receipt.sampleCount === header.sampleCount &&
    receipt.sha256 === header.sha256
  )
}

const detailSchema = z.object({ reason: z.string(), retryAfterMs: z.number().nullish() })

async function refusalOf(response: Response): Promise<TapeFailure> {
  const detail = detailSchema.safeParse(await response.json().catch(() => null))
  const headerMs = Number(response.headers.get('retry-after') ?? Number.NaN) * 1_000
  const retryAfterMs = detail.data?.retryAfterMs ?? (Number.isFinite(headerMs) ? headerMs : null)
  if (response.status === 429) return new TapeFailure('too-many-requests', retryAfterMs)
  const reason = detail.data?.reason
  // A proxy's page, or a server that is being replaced: time will tell.
  return new TapeFailure(isReasonCode(reason) ? reason : 'server-error', retryAfterMs)
}

function inBase64Url(text: string): string {
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}
