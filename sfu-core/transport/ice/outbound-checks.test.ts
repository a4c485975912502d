import { describe, expect, it } from 'vitest'
import { AgentHarness, parse } from './ice-agent.fixture.ts'
import { LIVENESS } from './liveness.ts'
import { CheckPacer, OUTBOUND, UnansweredRequests } from './outbound-checks.ts'

const LISTENER = { address: '198.51.100.1', port: 5_000, priority: 10 }
const candidate = (i: number, port = 5_000) => ({ address: `198.51.100.${i + 1}`, port, priority: 1_000 - i })

describe('checks toward the peer', () => {
  it('go to its candidates at once, paced, and again at growing intervals until it shows up', () => {
    const peer = new AgentHarness([LISTENER])
    peer.rttMs = null
    peer.clock.advance(LIVENESS.connectWithinMs - 1)
    const atMs = peer.questions().map((question) => question.atMs)
    expect(peer.questions().every(({ address, port }) => address === LISTENER.address && port === LISTENER.port)).toBe(
      true,
    )
    expect(atMs).toHaveLength(OUTBOUND.requestsPerPair)
    const waits = atMs.slice(1).map((at, i) => at - (atMs[i] ?? 0))
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000])
    expect(atMs[0]).toBeLessThanOrEqual(OUTBOUND.paceMs)
  })

  it('one in 50 ms, the best candidate first (RFC 8445 §14.2)', () => {
    const peer = new AgentHarness([candidate(3), candidate(1), candidate(2)])
    peer.rttMs = null
    peer.clock.advance(OUTBOUND.paceMs * 3)
    expect(peer.questions().map(({ address }) => address)).toEqual(['198.51.100.2', '198.51.100.3', '198.51.100.4'])
    expect(peer.questions().map(({ atMs }) => atMs)).toEqual([50, 100, 150])
  })

  it('carry what RFC 8445 §7.2.2 asks for, and never a nomination', () => {
    const peer = new AgentHarness([LISTENER])
    peer.rttMs = null
    peer.clock.advance(100)
    const [request] = peer.questions().map(({ datagram }) => parse(datagram))
    expect(request).toMatchObject({ username: `theirs:${peer.agent.ufrag}`, iceControlled: true, useCandidate: false })
    expect(request?.integrityOffset).not.toBeNull()
  })

  it('stop with the first check of the peer', () => {
    const peer = new AgentHarness([candidate(1), candidate(2)])
    peer.rttMs = null
    peer.clock.advance(120)
    peer.check({ nominated: false })
    const before = peer.questions().filter(({ address }) => address !== LISTENER.address).length
    peer.clock.advance(10_000)
    expect(peer.questions().filter(({ address }) => address !== LISTENER.address)).toHaveLength(before)
    expect(peer.node.pacer.size).toBe(0)
  })

  it('make a path when answered, which is not asked again and selects nothing by itself', () => {
    const peer = new AgentHarness([LISTENER])
    peer.clock.advance(10_000)
    expect(peer.questions()).toHaveLength(1)
    expect(peer.paths).toHaveLength(1)
    expect(peer.agent.selected).toBeNull()
    peer.check()
    expect(peer.agent.selected).toMatchObject({ address: LISTENER.address, port: LISTENER.port })
  })

  it('go to candidates that come after the offer', () => {
    const peer = new AgentHarness()
    peer.agent.addRemoteCandidates([
      `candidate:1 1 udp 5 ${LISTENER.address} ${LISTENER.port} typ srflx raddr 0.0.0.0 rport 0 ufrag theirs`,
      'candidate:1 1 udp 5 198.51.100.9 5000 typ host ufrag another',
      'nonsense',
    ])
    peer.clock.advance(100)
    expect(peer.questions().map(({ address }) => address)).toEqual([LISTENER.address])
  })

  it('never go to the own port, and from each socket only where it is plausible', () => {
    const own = { address: '192.0.2.2', port: 4_000, priority: 1 }
    const peer = new AgentHarness()
    peer.sockets.push(peer.socketAt('2001:db8::2'), peer.socketAt('127.0.0.1'))
    peer.agent.addRemoteCandidates([
      `candidate:1 1 udp 5 ${own.address} ${own.port} typ host`,
      'candidate:1 1 udp 5 2001:db8::9 5000 typ host',
      'candidate:1 1 udp 5 192.168.1.9 5000 typ host',
    ])
    peer.clock.advance(OUTBOUND.paceMs * 5)
    expect(peer.questions().map(({ address }) => address)).toEqual(['2001:db8::9'])
  })

  it('are bounded per link', () => {
    const peer = new AgentHarness(Array.from({ length: 100 }, (_, i) => candidate(i)))
    peer.rttMs = null
    peer.clock.advance(LIVENESS.connectWithinMs)
    expect(new Set(peer.questions().map(({ address }) => address)).size).toBe(OUTBOUND.candidatesPerLink)
    expect(peer.questions()).toHaveLength(OUTBOUND.requestsPerLink)
  })

  it('are bounded per node and shared out evenly', () => {
    const peer = new AgentHarness([LISTENER])
    peer.rttMs = null
    for (let i = 1; i < 40; i++) peer.another([candidate(i)])
    peer.clock.advance(OUTBOUND.paceMs)
    expect(peer.questions()).toHaveLength(OUTBOUND.requestsPerPace)
    peer.clock.advance(OUTBOUND.paceMs * 2)
    expect(new Set(peer.questions().map(({ address }) => address)).size).toBe(40)
  })

  it('toward one address that never answers are bounded over all links: the node is no amplifier', () => {
    const peer = new AgentHarness()
    peer.rttMs = null
    for (let i = 0; i < 200; i++) peer.another([{ ...LISTENER, port: 5_000 + i }])
    peer.clock.advance(OUTBOUND.unansweredWindowMs / 2)
    expect(peer.questions()).toHaveLength(OUTBOUND.unansweredPerAddress)
  })
})

describe('CheckPacer', () => {
  it('keeps no link that has nothing to check', () => {
    const pacer = new CheckPacer()
    pacer.add({ hasChecks: false, checkOnce: () => false })
    expect(pacer.size).toBe(0)
  })
})

describe('UnansweredRequests', () => {
  it('counts anew after a while, and after an answer', () => {
    const unanswered = new UnansweredRequests()
    const takeAll = (nowMs: number) => {
      let taken = 0
      while (unanswered.take('198.51.100.1', nowMs)) taken += 1
      return taken
    }
    expect(takeAll(0)).toBe(OUTBOUND.unansweredPerAddress)
    expect(takeAll(OUTBOUND.unansweredWindowMs - 1)).toBe(0)
    expect(takeAll(OUTBOUND.unansweredWindowMs)).toBe(OUTBOUND.unansweredPerAddress)
    unanswered.onAnswer('198.51.100.1')
    expect(takeAll(OUTBOUND.unansweredWindowMs)).toBe(OUTBOUND.unansweredPerAddress)
  })

  it('does not grow', () => {
    const unanswered = new UnansweredRequests()
    for (let i = 0; i < OUTBOUND.addressesKept * 2; i++) unanswered.take(`address ${i}`, 0)
    expect(unanswered.size).toBe(OUTBOUND.addressesKept)
  })
})
