import type { RoomView } from '../../server/contract/views.ts'
import type { RoomId } from '../../sfu-core/contract/ids.ts'

/** The link that others open. `origin`: see useInviteOrigin; never the page's own, which in the desktop app is `app://`. */
export function inviteLink(origin: string, room: Pick<RoomView, 'roomId' | 'inviteCode'>): string {
  const path = `${origin}/r/${room.roomId}`
  return room.inviteCode === null ? path : `${path}?invite=${encodeURIComponent(room.inviteCode)}`
}

/** What somebody pasted where an invite is asked for. */
export type PastedInvite =
  | { readonly kind: 'room'; readonly roomId: RoomId; readonly invite: string | null }
  /** A code alone: it does not say of which room. */
  | { readonly kind: 'code'; readonly code: string }
  /** A link to another server; `server` is its host, as people read it. */
  | { readonly kind: 'elsewhere'; readonly server: string }
  | { readonly kind: 'unreadable' }

/** As in sfu-core/contract/ids.ts, without loading its parser. */
const ROOM_PATH = /^\/r\/([A-Za-z0-9_-]{1,32})\/?$/
const CODE = /^[A-Za-z0-9_-]+$/
/** Stands for this server where a path alone was pasted; RFC 2606 keeps the name free. */
const THIS_SERVER = 'http://this.invalid'

/** Reads a whole link (also in the middle of a message), a room's path, or a code. `origins`: those of this server. */
export function readInvite(pasted: string, origins: readonly string[]): PastedInvite {
  const text = pasted.trim()
  if (CODE.test(text)) return { kind: 'code', code: text }
  const url = urlIn(text)
  if (url === null) return { kind: 'unreadable' }
  const roomId = ROOM_PATH.exec(url.pathname)?.[1]
  const invite = url.searchParams.get('invite') || null
  const here = url.origin === THIS_SERVER
  if (here && roomId === undefined && invite !== null) return { kind: 'code', code: invite }
  if (roomId === undefined) return { kind: 'unreadable' }
  if (!here && !origins.some((origin) => isSameServer(new URL(origin), url))) {
    return { kind: 'elsewhere', server: url.host }
  }
  return { kind: 'room', roomId: roomId as RoomId, invite }
}

/** The path of a room in this page, with the code that opens it. */
export function roomPath(roomId: RoomId, invite: string | null): string {
  return inviteLink('', { roomId, inviteCode: invite })
}

function urlIn(text: string): URL | null {
  const whole = /https?:\/\/\S+/i.exec(text)?.[0]
  if (whole !== undefined) return parse(whole)
  if (/^(\/|\?|r\/)/.test(text)) return parse(text, THIS_SERVER)
  // A link as some programs show it, without its scheme.
  return /^[^\s/]+\/r\//.test(text) ? parse(`https://${text}`) : null
}

function parse(text: string, base?: string): URL | null {
  return URL.canParse(text, base) ? new URL(text, base) : null
}

/** The scheme may differ: a server behind a proxy has both. This computer has several names. */
function isSameServer(one: URL, other: URL): boolean {
  if (one.host === other.host) return true
  return one.port === other.port && isLocalAddress(one.href) && isLocalAddress(other.href)
}

/** Nobody but this computer can open the address (RFC 6761 §6.3, RFC 1122 §3.2.1.3). */
export function isLocalAddress(origin: string): boolean {
  const { hostname } = new URL(origin)
  return (
    hostname === 'localhost' || hostname.endsWith('.localhost') || hostname.startsWith('127.') || hostname === '[::1]'
  )
}
