import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts'
import { createRandom } from '../../test/random.ts'
import { SRTP_PROFILE } from '../srtp/profile.ts'
import { createDtlsCertificate, type DtlsCertificate } from './dtls-certificate.ts'
import { createDtlsPair, type DtlsPair, type DtlsPairOptions } from './dtls-pair.fixture.ts'
import { rehearseDtls } from './dtls-rehearsal.ts'
import { DTLS_LIMITS } from './dtls-session.ts'
import { CURVE } from './key-exchange.ts'

const SECURED = ['client: secured', 'server: secured']
const SEEDS = 400

describe('A DTLS session', () => {
  let certificates: { ours: DtlsCertificate; theirs: DtlsCertificate }
  let clock: FakeClock

  beforeAll(async () => {
    certificates = { ours: await createDtlsCertificate(), theirs: await createDtlsCertificate() }
  })

  beforeEach(() => {
    clock = createFakeClock()
  })

  function meet(options: Partial<DtlsPairOptions> = {}): DtlsPair {
    const pair = createDtlsPair({ clock, certificates, ...options })
    pair.client.connect()
    return pair
  }

  function secure(options: Partial<DtlsPairOptions> = {}): DtlsPair {
    const pair = meet(options)
    clock.advance(10)
    expect(pair.events.toSorted()).toEqual(SECURED)
    pair.events.length = 0
    return pair
  }

  it('agrees on P-256 with who has only that', () => {
    secure({ client: { curves: [CURVE.p256] } })
  })

  it('lets the owner choose the SRTP profile', () => {
    const { aesCm128HmacSha1With80, aeadAes128Gcm } = SRTP_PROFILE
    const { secured } = secure({ session: { srtpProfiles: [aesCm128HmacSha1With80, aeadAes128Gcm] } })
    expect(secured.client[0]?.profile).toBe(aesCm128HmacSha1With80)
    expect(secured.server[0]?.outgoing).toEqual(secured.client[0]?.incoming)
    expect(secured.server[0]?.outgoing.masterSalt).toHaveLength(14)
  })

  it('says goodbye sealed, once, and the peer understands it', () => {
    const { session, sent, events } = secure()
    const before = sent.length
    session.close()
    session.close()
    clock.advance(10)
    expect(sent).toHaveLength(before + 1)
    expect(events).toEqual(['client: alert 0'])
    expect(clock.pendingCount).toBe(0)
  })

  it("ends at the peer's goodbye, and answers it", () => {
    const { client, sent, events } = secure()
    const before = sent.length
    client.close()
    clock.advance(10)
    expect(events).toEqual(['server: the peer closed DTLS'])
    expect(sent.slice(before).map(({ direction }) => direction)).toEqual(['to server', 'to client'])
  })

  it('tells the peer why it refuses', () => {
    const fingerprints = [{ algorithm: 'sha-256', value: certificates.ours.fingerprint }] as const
    const { events } = meet({ session: { fingerprints } })
    clock.advance(10)
    expect(events).toEqual(['server: the peer does not own the certificate of its offer', 'client: alert 42'])
    expect(clock.pendingCount).toBe(0)
  })

  it('leaves no timer behind when it is closed half-way', () => {
    const { session, client, events } = meet({ wire: (_, index) => (index === 0 ? [0] : []) })
    clock.advance(10)
    session.close()
    client.close()
    expect([clock.pendingCount, events]).toEqual([0, []])
  })

  it('hears nothing that is replayed', () => {
    const { session, sent, events } = secure()
    const heard = sent.filter(({ direction }) => direction === 'to server')
    const before = sent.length
    for (const { datagram } of heard) session.onDatagram(datagram)
    clock.advance(10)
    expect([sent.length, events]).toEqual([before, []])
  })

  it('is not held up by alerts in the clear, or by what is not DTLS', () => {
    const { session, events } = meet({ delayMs: 5 })
    const junk = [
      '15fefd00000000000000ff00020100',
      '15fefd00000000000000ff00020228',
      '14fefd',
      '',
      '16',
      'ff'.repeat(64),
    ]
    for (let ms = 0; ms < 40; ms++) {
      for (const hex of junk) session.onDatagram(Buffer.from(hex, 'hex'))
      clock.advance(1)
    }
    expect(events.toSorted()).toEqual(SECURED)
  })

  it('does no more for a flood of ClientHellos than it has to', () => {
    const { session, sent, events } = meet({ wire: (_, index) => (index === 0 ? [0] : []) })
    const [hello] = sent
    for (let i = 0; i < 5_000; i++) {
      if (hello) session.onDatagram(Buffer.from(hello.datagram))
      if (i % 10 === 0) clock.advance(1)
    }
    const answers = sent.filter(({ direction }) => direction === 'to client')
    expect(answers.length).toBeLessThan(DTLS_LIMITS.maxRepeats)
    expect(events).toEqual([])
  })

  it(`is never fooled by changed bits (${SEEDS} seeds)`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = createRandom(seed)
      const victim = random.int(4)
      const wire: DtlsPairOptions['wire'] = (datagram, index) => {
        if (index !== victim && !random.chance(5)) return [1]
        const at = random.int(datagram.length)
        datagram[at] = (datagram[at] ?? 0) ^ (1 << random.int(8))
        return [1]
      }
      const { secured, events } = meet({ wire })
      clock.advance(200_000)
      const [server, client] = [secured.server[0], secured.client[0]]
      if (server && client) expect([seed, server.incoming]).toEqual([seed, client.outgoing])
      expect([seed, secured.server.length <= 1, events.length > 0]).toEqual([seed, true, true])
      expect([seed, clock.pendingCount]).toEqual([seed, 0])
    }
  })

  it(`bears anything once it is secured (${SEEDS} seeds)`, () => {
    const { session, sent, events } = secure()
    const seen = sent.map(({ datagram }) => datagram)
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = createRandom(seed)
      const datagram = Buffer.from(random.pick(seen)).subarray(0, 1 + random.int(600))
      for (let flips = random.int(4); flips > 0; flips--) datagram[random.int(datagram.length)] = random.int(256)
      session.onDatagram(datagram)
      clock.advance(1)
    }
    expect(events).toEqual([])
  })
})

describe('rehearseDtls', () => {
  it('comes to its end', async () => {
    await rehearseDtls(await createDtlsCertificate())
  })
})
