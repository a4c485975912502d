import { beforeEach, describe, expect, it } from 'vitest'
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts'
import { HANDSHAKE_QUEUE, type HandshakePeer, HandshakeQueue } from './handshake-queue.ts'

const STEP_MS = 0.5

describe('HandshakeQueue', () => {
  let clock: FakeClock
  let turns: (() => void)[]
  let queue: HandshakeQueue
  let done: string[]

  beforeEach(() => {
    clock = createFakeClock()
    turns = []
    done = []
    queue = new HandshakeQueue({ clock, defer: (call) => turns.push(call) })
  })

  /** Somebody whose datagrams take half a millisecond each. */
  function peer(name: string, onTurn: () => void = () => {}): HandshakePeer {
    return {
      onTurn: (datagram) => {
        clock.advance(STEP_MS)
        done.push(`${name}${datagram[0]}`)
        onTurn()
      },
    }
  }

  function push(to: HandshakePeer, count: number): void {
    for (let i = 0; i < count; i++) queue.push(to, Buffer.of(i))
  }

  function turn(): number {
    const [call] = turns.splice(0, 1)
    const startedMs = clock.monotonicMs()
    call?.()
    return clock.monotonicMs() - startedMs
  }

  it('does nothing until the event loop has looked at its sockets', () => {
    push(peer('a'), 1)
    expect(done).toEqual([])
    turn()
    expect(done).toEqual(['a0'])
    expect(turns).toEqual([])
  })

  it('gives peers turns, a datagram each', () => {
    push(peer('a'), 3)
    push(peer('b'), 1)
    push(peer('c'), 2)
    while (turns.length > 0) turn()
    expect(done).toEqual(['a0', 'b0', 'c0', 'a1', 'c1', 'a2'])
  })

  it('holds the loop no longer than its budget and one step, however many come at once', () => {
    for (let i = 0; i < 200; i++) push(peer(`p${i}-`), 4)
    let longestMs = 0
    let taken = 0
    for (; turns.length > 0; taken++) longestMs = Math.max(longestMs, turn())
    expect(done).toHaveLength(800)
    expect(longestMs).toBeLessThanOrEqual(HANDSHAKE_QUEUE.budgetMs + STEP_MS)
    expect(taken).toBe((800 * STEP_MS) / HANDSHAKE_QUEUE.budgetMs)
  })

  it('does not let a flood of one take the place of others', () => {
    const flooder = peer('x')
    push(flooder, 10_000)
    push(peer('a'), 1)
    expect(queue.dump()).toMatchObject({ waiting: HANDSHAKE_QUEUE.maxWaitingOfPeer + 1 })
    turn()
    expect(done.slice(0, 2)).toEqual(['x0', 'a0'])
    expect(queue.dump().dropped).toBe(10_000 - HANDSHAKE_QUEUE.maxWaitingOfPeer)
  })

  it('has a limit for all together', () => {
    for (let i = 0; i < 10_000; i++) push(peer('p'), 1)
    expect(queue.dump()).toMatchObject({
      waiting: HANDSHAKE_QUEUE.maxWaiting,
      dropped: 10_000 - HANDSHAKE_QUEUE.maxWaiting,
    })
  })

  it('forgets who has gone, even during a turn of somebody else', () => {
    const gone = peer('gone')
    push(
      peer('a', () => queue.forget(gone)),
      1,
    )
    push(gone, 3)
    push(peer('b'), 1)
    while (turns.length > 0) turn()
    expect(done).toEqual(['a0', 'b0'])
    expect(queue.dump().waiting).toBe(0)
    push(gone, 1)
    turn()
    expect(done).toEqual(['a0', 'b0', 'gone0'])
  })
})
