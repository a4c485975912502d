const FIRST_CAPACITY = 4_096

/** Floats of which nobody knows beforehand how many. */
export class GrowingFloats {
  #values = new Float32Array(FIRST_CAPACITY)
  #length = 0

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float32Array(2 * this.#length)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#length++] = value
  }

  /** A copy. */
  toArray(): Float32Array<ArrayBuffer> {
    return this.#values.slice(0, this.#length)
  }
}
