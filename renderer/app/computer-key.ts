const COMPUTER_KEY = 'engawa.computer'

/**
 * Tells this computer from others of the same account, so that the server makes the same node of it each time
 * (and another one of each other computer). Made up once and kept.
 */
export function computerKey(): string {
  const stored = localStorage.getItem(COMPUTER_KEY)
  if (stored !== null) return stored
  const made = crypto.randomUUID()
  localStorage.setItem(COMPUTER_KEY, made)
  return made
}
