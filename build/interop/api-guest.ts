import { WebSocket } from 'ws'
import { createServerClient, type ServerClient } from '../../server/contract/client.ts'
import type { Admission, OfferAnswer } from '../../server/contract/views.ts'
import type { RoomAction } from '../../sfu-core/contract/actions.ts'
import { type RoomId, roomIdSchema } from '../../sfu-core/contract/ids.ts'

/** A guest who comes by the API alone, without our page. */
export interface ApiGuest extends AsyncDisposable {
  /** The node's answer to an offer of contract/media.ts's sections, and who we are in the room. */
  offer(offerSdp: string): Promise<OfferAnswer>
  act(action: RoomAction): Promise<void>
}

/** Joins by an invite link. Throws where the server refuses. */
export async function joinByApi(inviteLink: string, name: string): Promise<ApiGuest> {
  const { origin, pathname, searchParams } = new URL(inviteLink)
  const roomId: RoomId = roomIdSchema.parse(pathname.split('/').at(-1))
  const invite = searchParams.get('invite')
  // The type of ws differs from the browser's in what nobody here uses.
  const client: ServerClient = createServerClient({
    url: origin,
    WebSocketImpl: WebSocket as unknown as typeof globalThis.WebSocket,
  })
  const admission: Admission = await client.api.rooms.join.mutate({ roomId, name, ...(invite !== null && { invite }) })
  return {
    offer: (offerSdp) => client.api.rooms.offer.mutate({ token: admission.token, offerSdp }),
    act: async (action) => {
      await client.api.rooms.act.mutate({ seat: admission.seat, action })
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}
