import { beforeAll, describe, expect, it } from 'vitest'
import { DtlsClient } from 'werift'
import { systemClock } from '../../clock.ts'
import { SRTP_PROFILE } from '../srtp/profile.ts'
import {
  createDtlsCertificate,
  createDtlsSession,
  type DtlsCertificate,
  type DtlsSession,
  type SecuredMedia,
} from './dtls-session.ts'
import { HandshakeQueue } from './handshake-queue.ts'

/** ECDSA with SHA-256, as werift numbers it. */
const WERIFT_SIGNATURE = { hash: 4, signature: 3 } as const

type ClientTransport = ConstructorParameters<typeof DtlsClient>[0]['transport']

interface Meeting {
  client: DtlsClient
  session: DtlsSession
  secured: SecuredMedia[]
  ended: string[]
}

/** What a wire does with the client's datagrams: the ones it gives are delivered, in that order. */
type Wire = (datagram: Buffer) => Buffer[]
const goodWire: Wire = (datagram) => [datagram]

/** Handshake messages in the clear, by type; null for anything else. */
function messageType(datagram: Buffer): number | null {
  return datagram[0] === 22 && datagram.readUInt16BE(3) === 0 ? (datagram[13] ?? null) : null
}

const CLIENT_KEY_EXCHANGE = 16
const CERTIFICATE = 11
const CERTIFICATE_VERIFY = 15

describe('createDtlsSession', () => {
  let ours: DtlsCertificate
  let theirs: DtlsCertificate

  beforeAll(async () => {
    ours = await createDtlsCertificate()
    theirs = await createDtlsCertificate()
  })

  function meet(wire: Wire = goodWire, fingerprint = theirs.fingerprint, extendedMasterSecret = true): Meeting {
    const secured: SecuredMedia[] = []
    const ended: string[] = []
    const transport: ClientTransport = {
      type: 'udp',
      address: { address: '', family: '', port: 0 },
      closed: false,
      onData: () => {},
      send: async (datagram) => {
        for (const delivered of wire(Buffer.from(datagram))) setImmediate(() => session.onDatagram(delivered))
      },
      close: async () => {},
    }
    const session = createDtlsSession({
      certificate: ours,
      fingerprints: [{ algorithm: 'sha-256', value: fingerprint }],
      clock: systemClock,
      queue: new HandshakeQueue({ clock: systemClock }),
      send: (datagram) => setImmediate(() => transport.onData(datagram, ['', 0])),
      onSecured: (media) => secured.push(media),
      onEnded: (why) => ended.push(why),
    })
    const client = new DtlsClient({
      transport,
      cert: theirs.certPem,
      key: theirs.keyPem,
      signatureHash: WERIFT_SIGNATURE,
      srtpProfiles: [SRTP_PROFILE.aesCm128HmacSha1With80, SRTP_PROFILE.aeadAes128Gcm],
      extendedMasterSecret,
    })
    client.connect().catch(() => {})
    return { client, session, secured, ended }
  }

  it('agrees on keys with the peer, and on the cheaper profile', async () => {
    const { client, secured, ended } = meet()
    await expect.poll(() => secured.length).toBe(1)
    const keys = client.extractSessionKeys(16, 12)
    expect(secured).toEqual([
      {
        profile: SRTP_PROFILE.aeadAes128Gcm,
        outgoing: { masterKey: keys.remoteKey, masterSalt: keys.remoteSalt },
        incoming: { masterKey: keys.localKey, masterSalt: keys.localSalt },
      },
    ])
    expect(ended).toEqual([])
  })

  it('is not confused by datagrams that overtake each other or come twice', async () => {
    let held: Buffer | null = null
    const { secured, ended } = meet((datagram) => {
      if (messageType(datagram) === CERTIFICATE && !held) {
        held = datagram
        return []
      }
      if (messageType(datagram) === CLIENT_KEY_EXCHANGE && held) return [datagram, datagram, held]
      return [datagram, datagram]
    })
    await expect.poll(() => secured.length, { timeout: 5_000 }).toBe(1)
    expect(ended).toEqual([])
  })

  it.each([CERTIFICATE, CLIENT_KEY_EXCHANGE, CERTIFICATE_VERIFY])('gets over the loss of message %i', async (lost) => {
    let losses = 0
    const { secured, ended } = meet((datagram) => {
      if (messageType(datagram) !== lost || losses > 0) return [datagram]
      losses += 1
      return []
    })
    await expect.poll(() => secured.length, { timeout: 5_000 }).toBe(1)
    expect([losses, ended]).toEqual([1, []])
  })

  it('refuses a certificate that is not the one of the offer', async () => {
    const { secured, ended } = meet(goodWire, ours.fingerprint)
    await expect.poll(() => ended).toEqual(['the peer does not own the certificate of its offer'])
    expect(secured).toEqual([])
  })

  it('refuses a peer that has the certificate but not its key', async () => {
    const { secured, ended } = meet((datagram) => {
      if (messageType(datagram) === CERTIFICATE_VERIFY) datagram[datagram.length - 1] = (datagram.at(-1) ?? 0) ^ 1
      return [datagram]
    })
    await expect.poll(() => ended).toEqual(['the peer does not own the certificate of its offer'])
    expect(secured).toEqual([])
  })

  it('takes peers without the extended master secret, and does not speak of it to them', async () => {
    const { client, secured } = meet(goodWire, theirs.fingerprint, false)
    await expect.poll(() => secured.length).toBe(1)
    const keys = client.extractSessionKeys(16, 12)
    expect(secured[0]?.incoming).toEqual({ masterKey: keys.localKey, masterSalt: keys.localSalt })
    expect(client.dtls.remoteExtendedMasterSecret).toBe(false)
  })

  it('refuses a Finished of another handshake', async () => {
    const { client, secured, ended } = meet()
    client.cipher.verifyData = () => Buffer.alloc(12, 1)
    await expect.poll(() => ended).toEqual(['the peer saw another handshake'])
    expect(secured).toEqual([])
  })

  it('stays secured whatever comes in the clear afterwards', async () => {
    const seen: Buffer[] = []
    const { session, secured, ended } = meet((datagram) => {
      seen.push(datagram)
      return [datagram]
    })
    await expect.poll(() => secured.length).toBe(1)
    const [hello = Buffer.alloc(0)] = seen
    const closeAlert = Buffer.from('15fefd00000000000000ff00020100', 'hex')
    const fatalAlert = Buffer.from('15fefd00000000000000ff00020228', 'hex')
    for (const datagram of [hello, closeAlert, fatalAlert, ...seen, Buffer.alloc(0), Buffer.from([22])]) {
      session.onDatagram(datagram)
    }
    for (let length = 0; length < hello.length; length++) session.onDatagram(hello.subarray(0, length))
    await new Promise((resolve) => setImmediate(resolve))
    expect(secured).toHaveLength(1)
    expect(ended).toEqual([])
  })

  it('says nothing once closed', async () => {
    const { session, secured, ended } = meet()
    session.close()
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect([secured, ended]).toEqual([[], []])
  })
})
