import { describe, expect, it } from 'vitest'
import { CANDIDATES_MAX_CALLS, CANDIDATES_MAX_LINES } from '../../sfu-core/contract/limits.ts'
import { LateCandidates } from './late-candidates.ts'
import { FakeClock } from './test/fakes.ts'

const candidate = (port: number) => `candidate:1 1 udp 1686052607 203.0.113.7 ${port} typ srflx raddr 0.0.0.0 rport 0`

function candidates() {
  const clock = new FakeClock()
  const sent: string[][] = []
  const late = new LateCandidates({ clock, send: (lines) => sent.push(lines) })
  return { clock, sent, late }
}

describe('LateCandidates', () => {
  it('waits for the answer, then sends what came meanwhile in one message', async () => {
    const { clock, sent, late } = candidates()
    late.add(candidate(1))
    late.add(candidate(2))
    await clock.advance(10_000)
    expect(sent).toEqual([])
    late.begin()
    late.add(candidate(3))
    await clock.advance(100)
    expect(sent).toEqual([[candidate(1), candidate(2), candidate(3)]])
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['over TCP', 'candidate:1 1 tcp 1518280447 203.0.113.7 9 typ host tcptype active'],
    ['of a hidden address', 'candidate:1 1 udp 2113937151 8d4e1c2a-0000-4000-8000-000000000000.local 9 typ host'],
    ['of the second component', 'candidate:1 2 udp 1686052606 203.0.113.7 9 typ srflx raddr 0.0.0.0 rport 0'],
    ['that is none', ''],
  ])('keeps one %s to itself', async (_what, line) => {
    const { clock, sent, late } = candidates()
    late.begin()
    late.add(line)
    await clock.advance(1_000)
    expect(sent).toEqual([])
  })

  it('sends neither more lines in a message nor more messages than may be', async () => {
    const { clock, sent, late } = candidates()
    late.begin()
    for (let port = 1; port <= 10 * CANDIDATES_MAX_LINES; port += 1) late.add(candidate(port))
    await clock.advance(60_000)
    expect(sent.map((lines) => lines.length)).toEqual(Array(CANDIDATES_MAX_CALLS).fill(CANDIDATES_MAX_LINES))
    expect(clock.pending).toBe(0)
  })

  it('sends nothing once it is closed', async () => {
    const { clock, sent, late } = candidates()
    late.begin()
    late.add(candidate(1))
    late.close()
    late.add(candidate(2))
    await clock.advance(1_000)
    expect(sent).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
