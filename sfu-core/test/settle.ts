/**
 * Lets all promise work that is under way come to rest, without time passing: the callbacks of
 * setImmediate run when no microtask is left. Twice, for work that WebCrypto does on another thread.
 */
export async function settle(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}
