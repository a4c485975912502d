import { beforeEach, describe, expect, it } from 'vitest'
import { AgentHarness, BROWSER, parse, strayAnswer } from './ice-agent.fixture.ts'
import { LIVENESS } from './liveness.ts'
import { STUN_BINDING_SUCCESS } from './stun.ts'
import { REQUESTS_PER_OWNER } from './stun-requests.ts'

const MINUTE_MS = 60_000
/** libwebrtc: STABLE_WRITABLE_CONNECTION_PING_INTERVAL. */
const CHROMIUM_CHECK_MS = 2_500
const MOBILE = { address: '203.0.113.9', port: 40_000 }

describe('IceAgent', () => {
  let peer: AgentHarness

  beforeEach(() => {
    peer = new AgentHarness()
  })

  const whats = () => peer.told.map(({ what }) => what)
  const selected = () => peer.agent.selected

  describe('checks', () => {
    it('answers with the address that it saw and takes the path', () => {
      expect(peer.check()).toBe('authentic')
      const answer = peer.sent.map(({ datagram }) => parse(datagram)).find(({ type }) => type === STUN_BINDING_SUCCESS)
      expect(answer?.mappedAddress).toEqual(BROWSER)
      expect(selected()).toMatchObject(BROWSER)
      expect(peer.paths[0]).toBe(selected())
    })

    it('honours nothing without integrity, USE-CANDIDATE neither', () => {
      peer.connect()
      peer.clock.advance(100)
      const before = peer.sent.length
      expect(peer.check({ pwd: 'a-wrong-password-of-22-ch', from: MOBILE })).toBe('forged')
      expect(peer.sent).toHaveLength(before)
      expect(selected()).toMatchObject(BROWSER)
      expect(peer.paths.every(({ address }) => address === BROWSER.address)).toBe(true)
    })

    it('tells a peer that claims to be controlled of the conflict, and takes no path', () => {
      expect(peer.check({ controlled: true })).toBe('authentic')
      expect(peer.sent.map(({ datagram }) => parse(datagram).type)).toEqual([0x0111])
      expect(selected()).toBeNull()
    })

    it('never nominates and never claims to control', () => {
      peer.connect()
      peer.clock.advance(20_000)
      const questions = peer.questions().map(({ datagram }) => parse(datagram))
      expect(questions.length).toBeGreaterThan(3)
      expect(questions.every(({ useCandidate, iceControlled }) => !useCandidate && iceControlled)).toBe(true)
    })
  })

  describe('a changed address', () => {
    beforeEach(() => {
      peer.connect()
      peer.answersAt = [BROWSER, MOBILE]
      peer.every(CHROMIUM_CHECK_MS, 7_500, () => peer.check())
      peer.clock.advance(7_510)
    })

    it('is followed one round trip after a check that nominates it (NAT rebinding)', () => {
      peer.rttMs = 80
      const atMs = peer.clock.monotonicMs()
      peer.check({ from: MOBILE })
      peer.clock.advance(79)
      expect(selected()).toMatchObject(BROWSER)
      peer.clock.advance(1)
      expect(selected()).toMatchObject(MOBILE)
      expect(whats()).toEqual(['connected'])
      const askedMobile = peer.questions().filter(({ address }) => address === MOBILE.address)
      expect(askedMobile.map((question) => question.atMs)).toEqual([atMs])
    })

    it('is followed without a nomination once the old path is silent, and the old path is asked no more', () => {
      peer.answersAt = [MOBILE]
      peer.rttMs = 50
      const movedAtMs = peer.clock.monotonicMs()
      peer.every(1_000, movedAtMs + 20_000, () => peer.check({ from: MOBILE, nominated: false }))
      peer.clock.advance(5_000)
      expect(selected()).toMatchObject(MOBILE)
      const before = peer.questions().length
      peer.clock.advance(10_000)
      const later = peer.questions().slice(before)
      expect(later.length).toBeGreaterThan(0)
      expect(later.every(({ address }) => address === MOBILE.address)).toBe(true)
      expect(whats()).toEqual(['connected'])
    })

    it('is not followed because media comes from it', () => {
      const [path] = peer.paths
      if (!path) throw new Error('no path')
      peer.agent.onHeard({ ...path, ...MOBILE })
      expect(selected()).toMatchObject(BROWSER)
    })

    it('that a forged source names gets questions, a few, and no media', () => {
      peer.answersAt = [BROWSER]
      const stranger = { address: '192.0.2.99', port: 9_999 }
      for (let i = 0; i < 100; i++) {
        peer.check({ from: stranger })
        peer.clock.advance(10)
      }
      expect(selected()).toMatchObject(BROWSER)
      expect(peer.questions().filter(({ address }) => address === stranger.address).length).toBeLessThanOrEqual(5)
    })

    it('is not proved by an answer that comes from elsewhere than where the question went', () => {
      peer.rttMs = null
      peer.check({ from: MOBILE })
      const question = peer.questions().at(-1)
      if (!question) throw new Error('no question')
      expect(question).toMatchObject(MOBILE)
      peer.answer(parse(question.datagram), BROWSER)
      expect(selected()).toMatchObject(BROWSER)
    })

    it('is not proved by an answer with a wrong signature, and the right one still counts', () => {
      peer.rttMs = null
      peer.clock.advance(10)
      peer.check({ from: MOBILE })
      const question = parse(peer.questions().at(-1)?.datagram ?? Buffer.alloc(0))
      peer.answer(question, MOBILE, 'another-password-of-22-chars')
      expect(selected()).toMatchObject(BROWSER)
      peer.answer(question, MOBILE)
      expect(selected()).toMatchObject(MOBILE)
    })
  })

  describe('liveness', () => {
    beforeEach(() => peer.connect())

    it('tells within five seconds that the path died in silence, and ends after thirty', () => {
      peer.every(CHROMIUM_CHECK_MS, 60 * MINUTE_MS, () => peer.check())
      peer.clock.advance(7 * CHROMIUM_CHECK_MS)
      const cutAtMs = peer.clock.monotonicMs()
      peer.isCutOff = true
      peer.clock.advance(MINUTE_MS)
      expect(whats()).toEqual(['connected', 'disconnected', 'closed'])
      const [, disconnected = 0, closed = 0] = peer.told.map(({ atMs }) => atMs - cutAtMs)
      expect(disconnected).toBeLessThan(5_000)
      // The last answer may be a question's interval older than the cut.
      expect(closed).toBeGreaterThan(LIVENESS.closedAfterMs - LIVENESS.consentEveryMs - 2 * LIVENESS.tickMs)
      expect(closed).toBeLessThanOrEqual(LIVENESS.closedAfterMs + LIVENESS.tickMs)
    })

    it('comes back when the path does, before the end', () => {
      peer.isCutOff = true
      peer.clock.advance(LIVENESS.closedAfterMs - 1_000)
      peer.isCutOff = false
      peer.clock.advance(10 * MINUTE_MS)
      expect(whats()).toEqual(['connected', 'disconnected', 'connected'])
    })

    it.each([CHROMIUM_CHECK_MS, 2 * CHROMIUM_CHECK_MS])(
      'holds a listener that checks each %i ms and answers',
      (everyMs) => {
        peer.rttMs = 40
        peer.every(everyMs, 60 * MINUTE_MS, () => peer.check())
        peer.clock.advance(60 * MINUTE_MS)
        expect(whats()).toEqual(['connected'])
      },
    )

    it.each([0, 300, 700, 1_800])('holds a listener that sends nothing but answers, %i ms late', (rttMs) => {
      peer.rttMs = rttMs
      peer.clock.advance(30 * MINUTE_MS)
      expect(whats()).toEqual(['connected'])
    })

    it('asks a Chromium that only listens for its consent and no more', () => {
      peer.rttMs = 40
      peer.every(CHROMIUM_CHECK_MS, 10 * MINUTE_MS, () => peer.check())
      peer.clock.advance(10 * MINUTE_MS)
      expect(peer.questions().length).toBeLessThanOrEqual((10 * MINUTE_MS) / LIVENESS.consentEveryMs + 2)
    })

    it('ends after thirty seconds without consent, though everything else keeps coming (RFC 7675)', () => {
      peer.rttMs = null
      const path = selected()
      if (!path) throw new Error('no path')
      peer.every(1_000, MINUTE_MS, () => {
        peer.check()
        peer.agent.onHeard(path)
      })
      peer.clock.advance(LIVENESS.closedAfterMs - TICKS_TOGETHER_MS)
      expect(whats()).toEqual(['connected'])
      peer.clock.advance(2 * TICKS_TOGETHER_MS)
      expect(whats()).toEqual(['connected', 'closed'])
    })

    it('believes no answer to a question that it did not ask', () => {
      peer.rttMs = null
      const stray = strayAnswer()
      expect(peer.node.requests.find(stray.transactionId)).toBeNull()
    })

    it('gives up on a peer that never connects', () => {
      const other = new AgentHarness()
      other.check()
      other.clock.advance(LIVENESS.connectWithinMs + LIVENESS.tickMs)
      expect(other.told.map(({ what }) => what)).toEqual(['closed'])
    })

    it('keeps no more questions than a few, and none after its end', () => {
      peer.rttMs = null
      peer.clock.advance(20_000)
      expect(peer.node.requests.size).toBeGreaterThan(0)
      expect(peer.node.requests.size).toBeLessThanOrEqual(REQUESTS_PER_OWNER)
      peer.clock.advance(MINUTE_MS)
      expect(peer.node.requests.size).toBe(0)
    })

    it('closes once, silently', () => {
      expect(peer.agent.close()).toBe(true)
      expect(peer.agent.close()).toBe(false)
      peer.clock.advance(MINUTE_MS)
      expect(whats()).toEqual(['connected'])
      expect(peer.check()).toBe('authentic')
      expect(selected()).toMatchObject(BROWSER)
    })
  })
})

const TICKS_TOGETHER_MS = 2 * LIVENESS.tickMs
