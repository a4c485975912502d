/** What the studio's engine uses and Electron 33's Node 20 lacks (ECMAScript explicit resource management). */

class Stack {
  #held: { [Symbol.dispose](): void }[] = []

  use<T extends { [Symbol.dispose](): void } | null | undefined>(held: T): T {
    if (held) this.#held.push(held)
    return held
  }

  defer(end: () => void): void {
    this.#held.push({ [Symbol.dispose]: end })
  }

  dispose(): void {
    const errors: unknown[] = []
    for (const held of this.#held.splice(0).reverse()) {
      try {
        held[Symbol.dispose]()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

if (!('DisposableStack' in globalThis)) Object.assign(globalThis, { DisposableStack: Stack })
