import wasm from 'libflacjs/dist/libflac.min.wasm.wasm?url&inline'

const { fetch } = globalThis

/** libFLAC fetches its .wasm file, for which there is no server in a unit test. */
export function serveFlac(): void {
  globalThis.fetch = (input, init) => (String(input).includes('libflac') ? fetch(wasm) : fetch(input, init))
}
