import { type Clock, systemClock } from '../../clock.ts'
import { SRTP_PROFILE } from '../srtp/profile.ts'
import type { DtlsCertificate } from './dtls-certificate.ts'
import { DtlsClient } from './dtls-client.ts'
import { createDtlsSession } from './dtls-session.ts'
import { HandshakeQueue } from './handshake-queue.ts'
import { CURVE, type Curve } from './key-exchange.ts'

/** Measured: the longest step of a handshake takes 7 ms in the first, 3 ms in the second, and comes down to 0.4 ms. */
const REHEARSALS: readonly Curve[] = [CURVE.x25519, CURVE.p256, CURVE.x25519]

/**
 * Handshakes with ourselves, in memory: the first person of a room should not be the one who waits until the code is
 * compiled and OpenSSL has found its algorithms. Resolves when they are over, either way.
 */
export async function rehearseDtls(certificate: DtlsCertificate, clock: Clock = systemClock): Promise<void> {
  for (const curve of REHEARSALS) await rehearse(certificate, curve, clock)
}

function rehearse(certificate: DtlsCertificate, curve: Curve, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const srtpProfiles = [SRTP_PROFILE.aeadAes128Gcm]
    const server = createDtlsSession({
      certificate,
      fingerprints: [{ algorithm: 'sha-256', value: certificate.fingerprint }],
      clock,
      queue: new HandshakeQueue({ clock }),
      srtpProfiles,
      send: (datagram) => setImmediate(() => client.onDatagram(datagram)),
      onSecured: () => {},
      onEnded: () => resolve(),
    })
    const client = new DtlsClient({
      certificate,
      fingerprint: certificate.fingerprint,
      clock,
      srtpProfiles,
      curves: curve === CURVE.p256 ? [CURVE.p256] : [curve, CURVE.p256],
      send: (datagram) => server.onDatagram(datagram),
      // The goodbye is part of the rehearsal: it ends the server's side, too.
      onSecured: () => client.close(),
      onEnded: () => resolve(),
    })
    client.connect()
  })
}
