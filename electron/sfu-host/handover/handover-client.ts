import {
  CHUNK_HASH_HEADER,
  HANDOVER_PATH,
  type HandoverList,
  handoverListSchema,
} from '../../../server/contract/handover.ts'
import { TAPE_CHUNK_MAX_BYTES } from '../../../sfu-core/contract/limits.ts'

/** The server's side of server/contract/handover.ts. All reject where the server refuses or cannot be reached. */
export interface HandoverClient {
  list(): Promise<HandoverList>
  chunk(tapeId: string, index: number): Promise<Uint8Array>
  confirm(tapeId: string, index: number, sha256: string): Promise<void>
  close(tapeId: string): Promise<void>
}

export interface HandoverClientOptions {
  serverUrl: string
  /** The newest. */
  nodeToken(): string
  signal: AbortSignal
}

/** The largest chunk (8.6 MB) at 1.2 Mbit/s. */
const CALL_TIMEOUT_MS = 60_000

export function createHandoverClient({ serverUrl, nodeToken, signal }: HandoverClientOptions): HandoverClient {
  const call = async (path: string, init: { method?: string; headers?: Record<string, string> } = {}) => {
    const response = await fetch(`${serverUrl}${HANDOVER_PATH}${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${nodeToken()}` },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]),
    })
    if (response.ok) return response
    throw new Error(`the server answered ${response.status}: ${(await response.text()).slice(0, 300)}`)
  }
  const chunkPath = (tapeId: string, index: number) => `/${tapeId}/chunks/${index}`
  return {
    list: async () => handoverListSchema.parse(await (await call('')).json()),
    chunk: async (tapeId, index) => bodyOf(await call(chunkPath(tapeId, index))),
    async confirm(tapeId, index, sha256) {
      await call(chunkPath(tapeId, index), { method: 'DELETE', headers: { [CHUNK_HASH_HEADER]: sha256 } })
    },
    async close(tapeId) {
      await call(`/${tapeId}`, { method: 'DELETE' })
    },
  }
}

async function bodyOf(response: Response): Promise<Uint8Array> {
  if (Number(response.headers.get('content-length')) > TAPE_CHUNK_MAX_BYTES) throw new Error('the chunk is too large')
  return new Uint8Array(await response.arrayBuffer())
}
