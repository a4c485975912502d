import { KERNEL_BASE64 } from './kernel-bytes.ts'

/** What assembly/index.ts exports. Addresses are offsets in the instance's own memory; areas are in layout.ts. */
export interface Kernel {
  /**
   * Turns the key input area into the keyed part of the record, and wipes the input: 16 bytes of IV base, then the hash
   * key (GCM, 16 bytes) or the authentication key (AES-CM; of up to 64 bytes, then zeros).
   */
  prepare(profile: number, record: number): void
  /**
   * Makes the record's ring unreadable, sets its base index, and writes the counter blocks of `slots` packets, each of
   * `blocksPerSlot`, to the counter area.
   */
  counters(
    profile: number,
    record: number,
    indexHigh: number,
    indexLow: number,
    slots: number,
    blocksPerSlot: number,
  ): void
  /**
   * Seals the payload area for `count` entries of the list, into datagrams from `out` on; gives the distance from one
   * to the next. Traps rather than use keystream twice. `flags`: see `PACKET_FLAGS`.
   */
  sealGcm: SealCall
  sealCm: SealCall
  /** What a stream's log keeps of the packet in the payload area: never 0. */
  fingerprint(payloadBytes: number, timestamp: number, csrc: number, flags: number): number
  /** Datagram of head, body, tag and tail; the tag covers head and tail (as one), and body. */
  openGcm(headBytes: number, bodyBytes: number, tailBytes: number): number
  /** Datagram of covered bytes and tag; `appendedBytes` (0 or 4) of `rollover` are covered besides. */
  isAuthenticCm(coveredBytes: number, appendedBytes: number, rollover: number): number
  decrypt(headBytes: number, bodyBytes: number, keystream: number): void
  /** HMAC-SHA1 of the first `length` bytes of the datagram area, to `at`. What lies behind them may be written over by padding. */
  writeHmac(length: number, at: number): void
  /** Whether it lies at `at`; compares in constant time. */
  isHmac(length: number, at: number): number
}

type SealCall = (
  count: number,
  payloadBytes: number,
  timestamp: number,
  csrc: number,
  flags: number,
  out: number,
) => number

export const PACKET_FLAGS = { marker: 1, red: 2 } as const

/** A compiled module: Node's types leave WebAssembly to the DOM's, which this runtime's must not have. */
type CompiledModule = object

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => CompiledModule
  readonly Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
  readonly Instance: new (module: CompiledModule, imports: object) => { readonly exports: unknown }
}

const PAGE_BYTES = 65_536
let compiled: CompiledModule | null = null

/** Compiled once per thread, 10 to 40 ms: call it at start. Node 20, Electron 33 and later have the SIMD it needs. */
export function kernelModule(): CompiledModule {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNEL_BASE64, 'base64'))
  return compiled
}

export interface KernelInstance {
  readonly kernel: Kernel
  /** The whole memory; it never grows, so views stay valid. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** @throws RangeError where the process has no address space left. */
export function createKernelInstance(memoryBytes: number): KernelInstance {
  const pages = Math.ceil(memoryBytes / PAGE_BYTES)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const instance = new WebAssembly.Instance(kernelModule(), { env: { memory } })
  return { kernel: instance.exports as Kernel, bytes: new Uint8Array(memory.buffer) }
}
