import { type RoomId, type TakeId, takeIdSchema } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { TAKE_MANIFEST_NAME, type TakeManifest } from '../../sfu-core/contract/take.ts'
import type { Connection } from '../call-context.ts'
import type { TakeView } from '../contract/views.ts'
import type { NodeRegistry } from '../nodes/node-registry.ts'
import type { NodeIdentity } from '../nodes/node-session.ts'
import { signedIn } from '../people/people.ts'
import type { RoomRecord, RoomStore } from '../rooms/room-record.ts'
import type { Tokens } from '../tokens.ts'
import { isSafeName, type TakeFiles } from './take-files.ts'
import type { TakesApi } from './takes.api.ts'
import type { TakeRecord, TakeStore } from './takes.db.ts'

export interface TakesDeps {
  store: TakeStore
  rooms: RoomStore
  files: TakeFiles
  registry: NodeRegistry
  tokens: Tokens
  /** The take began, changed or ended. */
  onTakeNews(takeId: TakeId): void
}

export function createTakes(deps: TakesDeps): TakesApi {
  const { store, files } = deps
  return {
    async report(caller, manifest) {
      const { identity } = deps.registry.heard(caller.id)
      await assertMayReport(deps, identity, manifest)
      const { nodeId, name: nodeName, takeStorage: storage } = identity
      await store.save({ takeId: manifest.takeId, roomId: manifest.roomId, nodeId, nodeName, storage, manifest })
      deps.onTakeNews(manifest.takeId)
      return null
    },
    async list(caller, roomId) {
      await ownRoom(deps, caller, roomId)
      return Promise.all((await store.ofRoom(roomId)).map((take) => viewOf(take, files)))
    },
    async mine(caller) {
      const { userId } = await signedIn(caller)
      const takes = await store.ofHost(userId)
      return Promise.all(takes.map(async (take) => ({ ...(await viewOf(take, files)), roomTitle: take.roomTitle })))
    },
    async ticket(caller, takeId) {
      const { userId } = await signedIn(caller)
      const take = await store.find(takeId)
      if (take === null || take.hostId !== userId) throw new Refusal('not-allowed', 'That take is not yours.')
      return { ticket: await deps.tokens.ticket.sign({ takeId }) }
    },
  }
}

/** What a caller of a download shows. */
export interface DownloadCredentials {
  userId: string | null
  ticket: string | undefined
}

/**
 * The take, for its host or the holder of a ticket.
 * @throws Refusal `not-allowed`, or the ticket's own reason. Strangers do not learn whether it exists.
 */
export async function takeForDownload(
  deps: Pick<TakesDeps, 'store' | 'tokens'>,
  takeId: string,
  { userId, ticket }: DownloadCredentials,
): Promise<TakeRecord> {
  const id = takeIdSchema.safeParse(takeId)
  const byTicket = ticket === undefined ? null : (await deps.tokens.ticket.verify(ticket)).takeId
  const take = id.success ? await deps.store.find(id.data) : null
  if (take !== null && (byTicket === take.takeId || take.hostId === userId)) return take
  if (userId === null && ticket === undefined) throw new Refusal('sign-in-needed', 'Sign in first.')
  throw new Refusal('not-allowed', 'That take is not yours.')
}

/** The take that a node may send files of. @throws Refusal `not-allowed`, `input-invalid` (a name that the take does not have). */
export async function takeForUpload(
  { store }: Pick<TakesDeps, 'store'>,
  takeId: TakeId,
  wanted: { name: string; isFromRelay: boolean },
): Promise<TakeRecord> {
  const take = await store.find(takeId)
  if (take === null || take.storage !== 'upload' || !wanted.isFromRelay) {
    throw new Refusal('not-allowed', 'That take is not sent to this server.')
  }
  const known = take.manifest.tracks.some((track) => track.file === wanted.name)
  if (isSafeName(wanted.name) && (known || wanted.name === TAKE_MANIFEST_NAME)) return take
  throw new Refusal('input-invalid', 'The take has no such file.')
}

/** A take stays with the node that began it; a desktop reports of its owner's rooms only. */
async function assertMayReport(deps: TakesDeps, identity: NodeIdentity, manifest: TakeManifest): Promise<void> {
  if (!manifest.tracks.every((track) => isSafeName(track.file))) {
    throw new Refusal('input-invalid', 'A track has a file name that is not safe.')
  }
  const known = await deps.store.find(manifest.takeId)
  if (known !== null && (known.nodeId !== identity.nodeId || known.roomId !== manifest.roomId)) {
    throw new Refusal('not-allowed', 'That take belongs to another node or room.')
  }
  const room = await deps.rooms.find(manifest.roomId)
  if (room === null) throw new Refusal('room-not-found', 'There is no such room.')
  if (known === null && !mayRecord(identity, room)) throw new Refusal('not-allowed', 'That room is not on this node.')
}

function mayRecord(identity: NodeIdentity, room: RoomRecord): boolean {
  return room.nodeId === identity.nodeId && (identity.kind === 'relay' || identity.ownerId === room.hostId)
}

async function ownRoom(deps: TakesDeps, caller: Connection, roomId: RoomId): Promise<RoomRecord> {
  const { userId } = await signedIn(caller)
  const room = await deps.rooms.find(roomId)
  if (room === null) throw new Refusal('room-not-found', 'There is no such room.')
  if (room.hostId !== userId) throw new Refusal('not-allowed', 'Only the host may see the takes.')
  return room
}

export async function viewOf(take: TakeRecord, files: TakeFiles): Promise<TakeView> {
  const { takeId, roomId, storage, recordingsKept, nodeName, manifest } = take
  return {
    takeId,
    roomId,
    storage,
    recordingsKept,
    nodeName,
    manifest,
    downloadable: await isDownloadable(take, files),
  }
}

/** A take that is being sent has all its files here only when its end is here too. */
async function isDownloadable(take: TakeRecord, files: TakeFiles): Promise<boolean> {
  if (take.storage === 'kept') return false
  if (take.storage === 'upload' && take.manifest.endedAtMs === null) return false
  return (await files.findAll(take, take.manifest)) !== null
}
