import { describe, expect, it } from 'vitest'
import { AgentHarness, BROWSER } from './ice-agent.fixture.ts'
import { parseStun, plainBindingRequest, STUN_BINDING_SUCCESS } from './stun.ts'
import { browserCheck } from './stun-check.fixture.ts'
import { STUN_LIMITS } from './stun-guard.ts'
import { StunMappings } from './stun-mappings.ts'
import { newTransactionId } from './stun-requests.ts'
import { StunRouter } from './stun-router.ts'

function setUp() {
  const peer = new AgentHarness()
  const known = new Set<string>()
  const router = new StunRouter({
    node: peer.node,
    mappings: new StunMappings([], peer.clock, () => []),
  })
  const route = (datagram: Buffer, from: typeof BROWSER) =>
    router.onDatagram(datagram, { socket: peer.socket, ...from }, known.has(from.address) ? peer.agent : null)
  router.add(peer.agent)
  const username = `${peer.agent.ufrag}:theirs`
  const check = (from: typeof BROWSER, pwd = peer.agent.pwd) =>
    route(browserCheck({ username, pwd, nominated: true }), from)
  return { peer, router, known, route, check }
}

const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`

describe('StunRouter', () => {
  it('hands a check to the agent of its user name, and an answer to the agent that asked', () => {
    const { peer, router, check } = setUp()
    check(BROWSER)
    expect(peer.agent.selected).toMatchObject(BROWSER)
    peer.clock.advance(1)
    expect(peer.agent.selected?.consentedAtMs).not.toBeNull()
    expect(router.counts).toEqual({ strays: 0, forged: 0, shed: 0 })
  })

  it('drops what is for nobody, and what is no STUN, without an answer', () => {
    const { peer, router, route } = setUp()
    route(browserCheck({ username: 'nobody:theirs', pwd: peer.agent.pwd }), BROWSER)
    route(Buffer.alloc(40), BROWSER)
    expect(router.counts).toEqual({ strays: 2, forged: 0, shed: 0 })
    expect(peer.sent).toHaveLength(0)
  })

  it('knows a link no more once it is removed', () => {
    const { peer, router, check } = setUp()
    router.remove(peer.agent)
    check(BROWSER)
    expect(router.counts.strays).toBe(1)
  })

  it('bounds the signatures that a flood has checked, whatever its source addresses, and harms only the link it names', () => {
    const { peer, router, known, route, check } = setUp()
    check(BROWSER)
    known.add(BROWSER.address)
    for (let i = 0; i < 5_000; i++) check({ address: address(i), port: 9_999 }, 'a-wrong-password-of-22-ch')
    expect(router.counts.forged).toBe(STUN_LIMITS.forgedPerLink.burst)
    expect(router.counts.shed).toBe(5_000 - STUN_LIMITS.forgedPerLink.burst)
    peer.clock.advance(1_000)
    for (let i = 0; i < 5_000; i++) check({ address: address(i), port: 9_999 }, 'a-wrong-password-of-22-ch')
    expect(router.counts.forged).toBe(STUN_LIMITS.forgedPerLink.burst + STUN_LIMITS.forgedPerLink.perSecond)

    const other = peer.another()
    router.add(other)
    const username = `${other.ufrag}:theirs`
    route(browserCheck({ username, pwd: other.pwd }), { ...BROWSER, port: 1_234 })
    expect(other.selected).toMatchObject({ port: 1_234 })
    const heardAtMs = peer.agent.selected?.heardAtMs
    peer.clock.advance(10)
    check(BROWSER)
    expect(peer.agent.selected?.heardAtMs).toBe((heardAtMs ?? 0) + 1_010)
  })

  it('answers plain binding requests as a STUN server does, so many and no more', () => {
    const { peer, route } = setUp()
    const ask = (from: typeof BROWSER) => route(plainBindingRequest(newTransactionId()), from)
    ask(BROWSER)
    const [answer] = peer.sent.map(({ datagram }) => parseStun(datagram))
    expect(answer).toMatchObject({ type: STUN_BINDING_SUCCESS, mappedAddress: BROWSER })
    for (let i = 0; i < 100; i++) ask(BROWSER)
    expect(peer.sent).toHaveLength(STUN_LIMITS.plainPerAddress.burst)
    for (let i = 0; i < 5_000; i++) ask({ address: address(i), port: 9_999 })
    expect(peer.sent.length).toBeLessThanOrEqual(STUN_LIMITS.plainInAll.burst)
    peer.clock.advance(1_000)
    ask(BROWSER)
    expect(peer.sent.at(-1)).toMatchObject(BROWSER)
  })
})
