import type { Clock } from '../../clock.ts'
import { SRTP_PROFILE } from '../srtp/profile.ts'
import type { DtlsCertificate } from './dtls-certificate.ts'
import { DtlsClient, type DtlsClientOptions } from './dtls-client.ts'
import { createDtlsSession, type DtlsSession, type DtlsSessionOptions } from './dtls-session.ts'
import { HandshakeQueue } from './handshake-queue.ts'
import type { SecuredMedia } from './server-handshake.ts'

export type Direction = 'to server' | 'to client'

/** When copies of a datagram arrive, in ms from now; none for one that gets lost. `index` counts both directions. */
export type Wire = (datagram: Buffer, index: number, direction: Direction) => readonly number[]

export interface DtlsPair {
  client: DtlsClient
  session: DtlsSession
  sent: { datagram: Buffer; direction: Direction }[]
  /** What each side said, in order. */
  events: string[]
  secured: { server: SecuredMedia[]; client: SecuredMedia[] }
}

export interface DtlsPairOptions {
  clock: Clock
  certificates: { ours: DtlsCertificate; theirs: DtlsCertificate }
  wire?: Wire
  /** A tenth of a second there and back is 50 each way. */
  delayMs?: number
  client?: Partial<DtlsClientOptions>
  session?: Partial<DtlsSessionOptions>
}

/** A client and a session of ours over a wire of the test's, on its clock. The client has yet to connect. */
export function createDtlsPair(options: DtlsPairOptions): DtlsPair {
  const { clock, certificates, delayMs = 1, wire = () => [delayMs] } = options
  const { ours, theirs } = certificates
  const sent: DtlsPair['sent'] = []
  const events: string[] = []
  const secured: DtlsPair['secured'] = { server: [], client: [] }
  const carry = (direction: Direction, deliver: (datagram: Buffer) => void) => (datagram: Buffer) => {
    sent.push({ datagram, direction })
    for (const afterMs of wire(datagram, sent.length - 1, direction)) clock.after(afterMs, () => deliver(datagram))
  }
  const session = createDtlsSession({
    certificate: ours,
    fingerprints: [{ algorithm: 'sha-256', value: theirs.fingerprint }],
    clock,
    queue: new HandshakeQueue({ clock, defer: (call) => clock.after(0, call) }),
    send: carry('to client', (datagram) => client.onDatagram(datagram)),
    onSecured: (media) => {
      secured.server.push(media)
      events.push('server: secured')
    },
    onEnded: (why) => events.push(`server: ${why}`),
    ...options.session,
  })
  const client = new DtlsClient({
    certificate: theirs,
    fingerprint: ours.fingerprint,
    clock,
    srtpProfiles: [SRTP_PROFILE.aesCm128HmacSha1With80, SRTP_PROFILE.aeadAes128Gcm],
    send: carry('to server', (datagram) => session.onDatagram(datagram)),
    onSecured: (media) => {
      secured.client.push(media)
      events.push('client: secured')
    },
    onEnded: (why) => events.push(`client: ${why}`),
    ...options.client,
  })
  return { client, session, sent, events, secured }
}
