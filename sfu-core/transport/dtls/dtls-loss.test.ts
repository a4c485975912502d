import { beforeAll, describe, expect, it } from 'vitest'
import { createFakeClock } from '../../test/fake-clock.ts'
import { createRandom } from '../../test/random.ts'
import { createDtlsCertificate, type DtlsCertificate } from './dtls-certificate.ts'
import { createDtlsPair, type DtlsPair, type DtlsPairOptions, type Wire } from './dtls-pair.fixture.ts'
import { DTLS_LIMITS } from './dtls-session.ts'

const RTT_MS = 20
const SECURED = ['client: secured', 'server: secured']

describe('A handshake on a bad network', () => {
  let certificates: { ours: DtlsCertificate; theirs: DtlsCertificate }

  beforeAll(async () => {
    certificates = { ours: await createDtlsCertificate(), theirs: await createDtlsCertificate() }
  })

  /** Runs one to its end, and tells how long it took on the clock. */
  function shake(options: Partial<DtlsPairOptions> = {}): DtlsPair & { tookMs: number; pendingCount: number } {
    const clock = createFakeClock()
    const pair = createDtlsPair({ clock, certificates, delayMs: RTT_MS / 2, ...options })
    pair.client.connect()
    while (pair.events.length < 2 && clock.monotonicMs() < 60_000) clock.advance(1)
    const tookMs = clock.monotonicMs()
    // Whatever is on its way, and every timer.
    clock.advance(120_000)
    return { ...pair, tookMs, pendingCount: clock.pendingCount }
  }

  function expectSecured({ events, secured, pendingCount }: ReturnType<typeof shake>): void {
    expect(events.toSorted()).toEqual(SECURED)
    const [server, client] = [secured.server[0], secured.client[0]]
    expect(server?.incoming).toEqual(client?.outgoing)
    expect(server?.outgoing).toEqual(client?.incoming)
    expect(pendingCount).toBe(0)
  }

  it('takes two round trips and four datagrams where there is nothing bad about it', () => {
    const result = shake()
    expectSecured(result)
    expect(result.sent.map(({ direction }) => direction)).toEqual(['to server', 'to client', 'to server', 'to client'])
    expect(result.tookMs).toBe(2 * RTT_MS)
  })

  it('takes a ClientHello with post-quantum key shares, in fragments', () => {
    const result = shake({ client: { helloPaddingBytes: 1_300 } })
    expectSecured(result)
    expect(result.sent).toHaveLength(5)
  })

  const ways: { name: string; wire: (bad: number) => Wire }[] = [
    { name: 'lost', wire: (bad) => (_, index) => (index === bad ? [] : [10]) },
    { name: 'lost twice', wire: (bad) => (_, index) => (index === bad || index === bad + 4 ? [] : [10]) },
    { name: 'doubled', wire: (bad) => (_, index) => (index === bad ? [10, 11] : [10]) },
    { name: 'overtaken', wire: (bad) => (_, index) => (index === bad ? [30] : [10]) },
    { name: 'late and doubled', wire: (bad) => (_, index) => (index === bad ? [10, 700] : [10]) },
    { name: 'reflected', wire: (bad) => (_, index) => (index === bad ? [10, 10, 10, 10] : [10]) },
  ]
  it.each(ways)('completes with any one datagram $name, narrow path or wide', ({ wire }) => {
    for (const maxDatagramBytes of [120, 300, 1_200]) {
      const datagrams = shake({ client: { maxDatagramBytes } }).sent.length
      for (let bad = 0; bad < datagrams; bad++) expectSecured(shake({ wire: wire(bad), client: { maxDatagramBytes } }))
    }
  })

  it('completes with every flight backwards', () => {
    const wire: Wire = (_, index) => [100 - (index % 50)]
    expectSecured(shake({ wire, client: { maxDatagramBytes: 120 } }))
  })

  it('completes for 200 seeds of loss (a fifth), duplication and jitter', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = createRandom(seed)
      const wire: Wire = () => {
        if (random.chance(20)) return []
        return random.chance(20) ? [random.int(60), random.int(200)] : [random.int(60)]
      }
      const result = shake({ wire, client: { maxDatagramBytes: random.pick([200, 400, 1_200]) } })
      expect([seed, ...result.events.toSorted()]).toEqual([seed, ...SECURED])
    }
  })

  it('repeats its flight by its own timer, slower each time, and gives up', () => {
    const clock = createFakeClock()
    const sentAtMs: number[] = []
    const wire: Wire = (_, index, direction) => {
      if (direction === 'to client') sentAtMs.push(clock.monotonicMs())
      return index === 0 ? [0] : []
    }
    const pair = createDtlsPair({ clock, certificates, wire })
    pair.client.connect()
    clock.advance(200_000)
    expect(sentAtMs).toEqual([0, 400, 1_200, 2_800, 6_000, 12_400])
    expect(pair.events.toSorted()).toEqual(['client: no answer', 'server: the DTLS handshake took too long'])
  })

  it('repeats its last flight when the peer repeats its Finished, with new record numbers', () => {
    const lost = new Set([3, 5])
    const result = shake({ wire: (_, index) => (lost.has(index) ? [] : [10]) })
    expectSecured(result)
    const lastFlights = result.sent.slice(3).filter(({ direction }) => direction === 'to client')
    expect(lastFlights).toHaveLength(3)
    expect(new Set(lastFlights.map(({ datagram }) => datagram.toString('hex'))).size).toBe(3)
  })

  it('answers repeats a limited number of times', () => {
    const clock = createFakeClock()
    const pair = createDtlsPair({ clock, certificates, wire: (_, index) => (index === 0 ? [0] : []) })
    pair.client.connect()
    const [hello] = pair.sent
    for (let i = 0; i < 300; i++) {
      clock.advance(30)
      if (hello) pair.session.onDatagram(hello.datagram)
    }
    clock.advance(1)
    const flights = pair.sent.filter(({ direction }) => direction === 'to client').length
    expect(flights).toBeLessThanOrEqual(1 + DTLS_LIMITS.maxRepeats + DTLS_LIMITS.maxRetransmits)
    expect(flights).toBeGreaterThan(DTLS_LIMITS.maxRepeats)
  })
})
