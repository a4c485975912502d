import type { NowMs } from '../clock.ts'
import type { NodeRegistry } from '../nodes/node-registry.ts'
import type { RateLimits } from '../rate-limits.ts'
import type { Tokens } from '../tokens.ts'
import type { LiveRooms } from './live-rooms.ts'
import { createCatalogue } from './room-catalogue.ts'
import { createEntry } from './room-entry.ts'
import { createFeeds } from './room-feeds.ts'
import { createLifecycle, type RoomLifecycle } from './room-lifecycle.ts'
import type { RoomStore } from './room-record.ts'
import type { RoomsApi } from './rooms.api.ts'

export interface RoomsDeps {
  store: RoomStore
  liveRooms: LiveRooms
  registry: NodeRegistry
  tokens: Tokens
  limits: RateLimits
  /** Makes participant ids out of accounts. */
  seatSecret: string
  nowMs: NowMs
  /** Names this run of the server. */
  runId: string
}

/** The rules about rooms: finding them, their life, entering, and what is told about them. */
export function createRooms(deps: RoomsDeps): { api: RoomsApi; lifecycle: RoomLifecycle } {
  const lifecycle = createLifecycle(deps)
  const { endByNode: _ours, ...life } = lifecycle
  return { api: { ...createCatalogue(deps), ...life, ...createEntry(deps), ...createFeeds(deps) }, lifecycle }
}
