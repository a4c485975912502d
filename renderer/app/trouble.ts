import type { HostingStatus } from '../../electron/contract/bridge.ts'
import type { LineState } from '../stores/connection.ts'

/** What is wrong with the whole page rather than with one screen. */
export type Trouble = { kind: 'offline' } | { kind: 'restarting' } | { kind: 'failed'; detail: string }

/**
 * What the strip under the head says; null: nothing. In a room the stage tells of the connection and of the node
 * itself, with what it means for one's seat; only that this computer has given up it cannot know. Pure.
 */
export function troubleOf(facts: { line: LineState; hosting: HostingStatus; inRoom: boolean }): Trouble | null {
  const { line, hosting, inRoom } = facts
  if (hosting.state === 'failed') return { kind: 'failed', detail: hosting.detail }
  if (inRoom) return null
  if (line === 'offline') return { kind: 'offline' }
  return hosting.state === 'restarting' ? { kind: 'restarting' } : null
}
