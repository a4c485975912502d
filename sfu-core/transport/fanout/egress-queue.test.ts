import { expect, it } from 'vitest'
import { type EgressJob, EgressQueue } from './egress-queue.ts'

/** The event loop's turns, by hand. */
function createTurns() {
  const calls: (() => void)[] = []
  return {
    next: (call: () => void) => void calls.push(call),
    turn: () => calls.shift()?.(),
    waiting: () => calls.length,
  }
}

function createJob(log: string[], name: string, listeners: number): EgressJob {
  let left = listeners
  return {
    run: (limit) => {
      const looked = Math.min(limit, left)
      left -= looked
      log.push(`${name} ${looked}`)
      return looked
    },
    drop: () => log.push(`${name} dropped`),
  }
}

it('sends to a small channel at once', () => {
  const turns = createTurns()
  const log: string[] = []
  const queue = new EgressQueue(turns.next)
  queue.push(createJob(log, 'audience', 20), false)
  expect(log).toEqual(['audience 20'])
  expect(queue.waiting).toBe(0)
  expect(turns.waiting()).toBe(0)
})

it('sends to a large channel in slices, with a turn of the event loop between them', () => {
  const turns = createTurns()
  const log: string[] = []
  const queue = new EgressQueue(turns.next)
  queue.push(createJob(log, 'audience', 300), false)
  expect(log).toEqual(['audience 128'])
  turns.turn()
  turns.turn()
  expect(log).toEqual(['audience 128', 'audience 128', 'audience 44'])
  expect(queue.waiting).toBe(0)
  expect(turns.waiting()).toBe(0)
})

it('lets the stage go before an audience that is under way', () => {
  const turns = createTurns()
  const log: string[] = []
  const queue = new EgressQueue(turns.next)
  queue.push(createJob(log, 'audience', 300), false)
  queue.push(createJob(log, 'stage', 3), true)
  expect(log).toEqual(['audience 128', 'stage 3'])
  queue.push(createJob(log, 'stage', 100), true)
  while (turns.waiting() > 0) turns.turn()
  expect(log).toEqual(['audience 128', 'stage 3', 'stage 100', 'audience 128', 'audience 44'])
})

it('keeps the order of one channel', () => {
  const turns = createTurns()
  const log: string[] = []
  const queue = new EgressQueue(turns.next)
  queue.push(createJob(log, 'first', 200), false)
  queue.push(createJob(log, 'second', 200), false)
  while (turns.waiting() > 0) turns.turn()
  expect(log.lastIndexOf('first 72')).toBeLessThan(log.findIndex((entry) => entry.startsWith('second')))
})

it('gives up the oldest packets of a machine that is too slow', () => {
  const turns = createTurns()
  const log: string[] = []
  const queue = new EgressQueue(turns.next)
  for (let i = 0; i <= 2_048; i++) queue.push(createJob(log, `packet ${i}`, 1_000), false)
  expect(log.filter((entry) => entry.endsWith('dropped'))).toEqual(['packet 0 dropped'])
  expect(queue.dropped).toBe(1)
  expect(queue.waiting).toBe(2_048)
})
