import type * as LibFlac from 'libflacjs/dist/index.d.ts'
import wasmUrl from 'libflacjs/dist/libflac.min.wasm.wasm?url'

/** The library. */
export type Flac = typeof LibFlac

let loading: Promise<Flac> | null = null

/** libFLAC (Xiph's own, as WebAssembly), loaded once. Rejects where it cannot be loaded; a later call tries again. */
export function loadFlac(): Promise<Flac> {
  loading ??= load().catch((error: unknown) => {
    loading = null
    throw error
  })
  return loading
}

async function load(): Promise<Flac> {
  // Where the library finds its .wasm file: it looks for this global when it is evaluated.
  Object.assign(globalThis, { FLAC_SCRIPT_LOCATION: { 'libflac.min.wasm.wasm': wasmUrl } })
  // The library puts a fetch of its own in place that repeats each failed request as a GET: ours come back afterwards.
  const { fetch } = globalThis
  const loaded: { default?: Flac } & Flac = await import('libflacjs/dist/libflac.min.wasm.js')
  globalThis.fetch = fetch
  const flac = loaded.default ?? loaded
  if (!flac.isReady()) await new Promise<void>((resolve) => flac.on('ready', () => resolve()))
  return flac
}
