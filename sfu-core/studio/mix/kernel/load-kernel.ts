import { KERNEL_BASE64 } from './kernel-bytes.ts'
import { MEMORY_BYTES } from './layout.ts'

/** What assembly/index.ts exports. Addresses are in layout.ts. */
export interface DenoiseKernel {
  /**
   * Takes NEXT of each channel as the next hop and leaves the one before, reduced, in RESULT. `smoothing`: how much of the last frame's estimate
   * is kept, 0 to 1. `least`: the smallest gain.
   */
  reduce(channels: number, smoothing: number, least: number): void
  /** The same without any gain. */
  pass(channels: number): void
}

/** A compiled module: Node's types leave WebAssembly to the DOM's, which this runtime's must not have. */
type CompiledModule = object

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => CompiledModule
  readonly Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
  readonly Instance: new (module: CompiledModule, imports: object) => { readonly exports: unknown }
}

const PAGE_BYTES = 65_536
let compiled: CompiledModule | null = null

/** One denoiser's arithmetic and memory. */
export function createDenoiseKernel(): { kernel: DenoiseKernel; memory: ArrayBuffer } {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNEL_BASE64, 'base64'))
  const pages = Math.ceil(MEMORY_BYTES / PAGE_BYTES)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const instance = new WebAssembly.Instance(compiled, { env: { memory } })
  return { kernel: instance.exports as DenoiseKernel, memory: memory.buffer }
}
