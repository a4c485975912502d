/** Reads TLS structures (RFC 5246 §4) from the front to the back. Reading past the end throws a RangeError. */
export class ByteReader {
  readonly #bytes: Buffer
  #offset = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  /** An unsigned integer of `width` bytes, 1 to 6, big-endian. */
  uint(width: number): number {
    const value = this.#bytes.readUIntBE(this.#offset, width)
    this.#offset += width
    return value
  }

  /** A view, not a copy. */
  bytes(length: number): Buffer {
    if (length > this.remaining) throw new RangeError(`${length} bytes wanted, ${this.remaining} left`)
    this.#offset += length
    return this.#bytes.subarray(this.#offset - length, this.#offset)
  }

  /** A vector whose length is told before it, in `lengthWidth` bytes. */
  vector(lengthWidth: number): Buffer {
    return this.bytes(this.uint(lengthWidth))
  }
}

/** A vector of unsigned integers of `width` bytes each. */
export function uints(vector: Buffer, width: number): number[] {
  const reader = new ByteReader(vector)
  const values: number[] = []
  while (reader.remaining > 0) values.push(reader.uint(width))
  return values
}

/** `value` in `width` bytes, 1 to 6, big-endian. */
export function uint(value: number, width: number): Buffer {
  const bytes = Buffer.allocUnsafe(width)
  bytes.writeUIntBE(value, 0, width)
  return bytes
}

/** `content` with its length before it, in `lengthWidth` bytes. */
export function vector(lengthWidth: number, ...content: Buffer[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([uint(length, lengthWidth), ...content])
}

/** A copy with memory of its own: a view into Node's pool would keep all of the pool's slab. */
export function unpooled(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}
