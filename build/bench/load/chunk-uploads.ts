import { TAPE_CHUNK_HEADER } from '../../../server/contract/inputs.ts'
import type { TapeGrant } from '../../../server/contract/views.ts'
import type { TapeChunkHeader } from '../../../sfu-core/contract/tape.ts'
import { CHUNK_SAMPLES, type FlacChunk } from './flac-chunks.ts'

export interface UploadPlan {
  url: string
  /** One for each speaker; they send at the same time, each its chunks one after the other. */
  grants: TapeGrant[]
  chunks: readonly FlacChunk[]
  /** Of each speaker: from this one, up to but without that one. */
  fromIndex: number
  toIndex: number
}

const MARKS_PER_CHUNK = 16
const RATE_HZ = 48_000
const MS_PER_MARK = 250
const TAPE_BEGIN_MS = 10_000

/** Sends a stretch of all speakers' tapes, as fast as the server takes it. Answers how long each request took, in ms. */
export async function uploadChunks(plan: UploadPlan): Promise<number[]> {
  const tookMs: number[] = []
  await Promise.all(
    plan.grants.map(async (grant, speaker) => {
      for (let index = plan.fromIndex; index < plan.toIndex; index++) {
        const chunk = plan.chunks[(index * plan.grants.length + speaker) % plan.chunks.length]
        if (!chunk) throw new Error('no chunks')
        const startedAtMs = performance.now()
        await uploadChunk(plan.url, { grant, index, chunk })
        tookMs.push(performance.now() - startedAtMs)
      }
    }),
  )
  return tookMs
}

async function uploadChunk(url: string, sent: { grant: TapeGrant; index: number; chunk: FlacChunk }): Promise<void> {
  const { grant, index, chunk } = sent
  const response = await fetch(`${url}/api/tapes/${grant.tapeId}/chunks/${index}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${grant.token}`,
      [TAPE_CHUNK_HEADER]: Buffer.from(JSON.stringify(headerOf(index, chunk))).toString('base64url'),
    },
    body: new Uint8Array(chunk.flac),
  })
  const answer = (await response.json()) as { sha256?: string }
  if (response.status !== 200 || answer.sha256 !== chunk.sha256) {
    throw new Error(`chunk ${index} was refused: ${response.status} ${JSON.stringify(answer)}`)
  }
}

/** What a page tells with a chunk: four marks a second, the take's clock now and then. */
function headerOf(index: number, { sha256 }: FlacChunk): TapeChunkHeader {
  const firstSample = index * CHUNK_SAMPLES
  const endSample = firstSample + CHUNK_SAMPLES
  const pageMs = (sample: number) => TAPE_BEGIN_MS + (sample * 1_000) / RATE_HZ
  const marks = Array.from({ length: MARKS_PER_CHUNK }, (_, i): [number, number] => {
    const sample = firstSample + ((i + 1) * MS_PER_MARK * RATE_HZ) / 1_000
    return [sample, Math.round((pageMs(sample) + Math.random() * 20) * 10) / 10]
  })
  const monotonicMs = pageMs(endSample)
  const syncs = index % 3 === 0 ? [{ monotonicMs, takeMs: monotonicMs - 5_000, roundTripMs: 20 * Math.random() }] : []
  return { index, firstSample, sampleCount: CHUNK_SAMPLES, sha256, marks, syncs, notes: [], capturedSamples: endSample }
}
