import type { RoomView } from '../../server/contract/views.ts'

/** The link that others open. `origin`: see useInviteOrigin; never the page's own, which in the desktop app is `app://`. */
export function inviteLink(origin: string, room: Pick<RoomView, 'roomId' | 'inviteCode'>): string {
  const path = `${origin}/r/${room.roomId}`
  return room.inviteCode === null ? path : `${path}?invite=${encodeURIComponent(room.inviteCode)}`
}

/** The invite code in what a person pasted: a whole link, or the code alone. Empty where there is none. */
export function inviteCodeIn(pasted: string): string {
  const text = pasted.trim()
  const query = text.indexOf('?')
  if (query >= 0) return new URLSearchParams(text.slice(query)).get('invite') ?? ''
  return text.includes('/') ? '' : text
}

/** Nobody but this computer can open the address (RFC 6761 §6.3, RFC 1122 §3.2.1.3). */
export function isLocalAddress(origin: string): boolean {
  const { hostname } = new URL(origin)
  return (
    hostname === 'localhost' || hostname.endsWith('.localhost') || hostname.startsWith('127.') || hostname === '[::1]'
  )
}
