import type { FetchBytes } from './track-reader.ts'

const RATE_HZ = 48_000
/** A request that the line swallowed is made again. */
const TRIES = 3
const RETRY_PAUSE_MS = 400

/** Parts of a file by HTTP Range (RFC 9110, section 14). `url` is asked for each time: tickets in addresses are renewed. */
export function rangesOf(url: () => string): FetchBytes {
  return async (fromBytes, toBytes, signal) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await fetchRange(url(), { fromBytes, toBytes, signal })
      } catch (error) {
        if (signal.aborted || attempt === TRIES) throw error
        await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS))
      }
    }
  }
}

async function fetchRange(
  url: string,
  { fromBytes, toBytes, signal }: { fromBytes: number; toBytes: number; signal: AbortSignal },
): Promise<Uint8Array> {
  const response = await fetch(url, { signal, headers: { range: `bytes=${fromBytes}-${toBytes - 1}` } })
  if (!response.ok) throw new Error(`The track's bytes were refused: ${response.status}`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  // 200: the whole file came, from something between that knows no ranges.
  return response.status === 206 ? bytes : bytes.subarray(fromBytes, toBytes)
}

/** By the browser's own decoder, at 48 kHz, so that nothing is resampled. */
export async function decodeFlac(file: ArrayBuffer): Promise<readonly Float32Array[]> {
  const context = new OfflineAudioContext({ numberOfChannels: 1, length: 1, sampleRate: RATE_HZ })
  const buffer = await context.decodeAudioData(file)
  return Array.from({ length: buffer.numberOfChannels }, (_, channel) => buffer.getChannelData(channel))
}
