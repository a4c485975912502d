import { describe, expect, test } from 'vitest'
import { roomIdSchema } from '../contract/ids.ts'
import { MESSAGE_MAX_BYTES, NAME_MAX_CHARS, PUBLICATION_EVENTS_COUNT } from '../contract/limits.ts'
import { DEFAULT_AUDIENCE_PACKET_MS } from '../contract/media.ts'
import { type RoomPublication, roomPublicationSchema } from '../contract/node-protocol.ts'
import { Refusal } from '../contract/reasons.ts'
import { EMPTY_ROOM_STATE, type Participant, type RoomEvent } from '../contract/state.ts'
import { createFakeClock } from '../test/fake-clock.ts'
import { person, personId } from '../test/people.ts'
import { applyPublication } from '../test/room-harness.ts'
import { settle } from '../test/settle.ts'
import { Ledger } from './ledger.ts'
import {
  NUMBERS_RESERVED,
  PENDING_EVENTS_MAX,
  PUBLICATION_MAX_EVENTS,
  PUBLISH_RETRY_MAX_MS,
  PUBLISH_RETRY_MIN_MS,
  REMOVED_MAX_PEOPLE,
  SNAPSHOT_MAX_SEATS,
} from './limits.ts'
import { Publisher } from './publisher.ts'

const ROOM_ID = roomIdSchema.parse('room-1')
const newLedger = () => new Ledger({ roomId: ROOM_ID, snapshot: null, audiencePacketMs: DEFAULT_AUDIENCE_PACKET_MS })

function createHarness() {
  const clock = createFakeClock()
  const ledger = newLedger()
  const sent: RoomPublication[] = []
  const notLive: string[] = []
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = []
  let answers: 'at once' | 'by hand' = 'at once'
  const publisher = new Publisher({
    ledger,
    clock,
    onTrouble: () => {},
    onNotLive: () => notLive.push('not live'),
    send: (publication) => {
      sent.push(structuredClone(publication))
      if (answers === 'at once') return Promise.resolve()
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
  })
  const apply = (event: RoomEvent) => {
    ledger.apply(event)
    publisher.note(event)
  }
  return {
    clock,
    ledger,
    publisher,
    sent,
    apply,
    put: (participant: Participant) => apply({ type: 'participant', participant }),
    copy: () => sent.reduce(applyPublication, EMPTY_ROOM_STATE),
    truth: () => ledger.stateWith(ledger.participants.values()),
    byHand: () => {
      answers = 'by hand'
    },
    resolveNext: async () => {
      waiting.shift()?.resolve()
      await settle()
    },
    notLive,
    failNext: async (error = new Error('the line is down')) => {
      waiting.shift()?.reject(error)
      await settle()
    },
  }
}

describe('publications', () => {
  test('R120 R121: the whole state first, then what happens in one turn together', async () => {
    const { publisher, put, sent } = createHarness()
    publisher.publishWhole()
    await settle()
    put(person('ann', 1))
    put(person('bob', 2))
    await settle()
    put(person('ann', 1, { name: 'Ann' }))
    await settle()
    expect(sent.map(({ seq, body }) => [seq, body.type, body.type === 'events' ? body.events.length : 0])).toEqual([
      [0, 'state', 0],
      [1, 'events', 2],
      [2, 'events', 1],
    ])
    expect(new Set(sent.map(({ epoch }) => epoch)).size).toBe(1)
  })

  test('R121: one in flight; what happens meanwhile goes into the next', async () => {
    const { publisher, put, sent, byHand, resolveNext } = createHarness()
    byHand()
    publisher.publishWhole()
    await settle()
    for (let number = 1; number <= 5; number += 1) {
      put(person(`p${number}`, number))
      await settle()
    }
    expect(sent).toHaveLength(1)
    await resolveNext()
    expect(sent).toHaveLength(2)
    expect(sent[1]?.body).toMatchObject({ type: 'events', events: { length: 5 } })
  })

  test('R122: after a failure the whole state follows by itself', async () => {
    const { publisher, put, sent, byHand, failNext, resolveNext, clock, copy, truth } = createHarness()
    publisher.publishWhole()
    await settle()
    byHand()
    put(person('ann', 1))
    await settle()
    await failNext()
    put(person('bob', 2))
    await settle()
    expect(sent).toHaveLength(2)
    clock.advance(PUBLISH_RETRY_MIN_MS)
    await settle()
    await resolveNext()
    expect(sent.at(-1)).toMatchObject({ seq: 2, body: { type: 'state' }, snapshot: {} })
    expect(copy()).toEqual(truth())
  })

  test('R122 R141: a welcome does not wait for what hung on the old line', async () => {
    const { publisher, put, sent, byHand, failNext, resolveNext, copy, truth, clock } = createHarness()
    byHand()
    publisher.publishWhole()
    put(person('ann', 1))
    await settle()
    publisher.publishWhole()
    await settle()
    expect(sent.map(({ body }) => body.type)).toEqual(['state', 'state'])
    await failNext()
    await resolveNext()
    expect(sent).toHaveLength(2)
    expect(copy()).toEqual(truth())
    expect(clock.pendingCount).toBe(0)
  })

  test('R122: while it fails the whole state is tried more and more seldom', async () => {
    const { publisher, sent, byHand, failNext, resolveNext, clock, put } = createHarness()
    byHand()
    publisher.publishWhole()
    await settle()
    for (let second = 0; second < 5 * 60; second += 1) {
      await failNext()
      clock.advance(1_000)
      await settle()
    }
    expect(sent.length).toBeGreaterThan(300 / 30)
    expect(sent.length).toBeLessThan(20)
    clock.advance(PUBLISH_RETRY_MAX_MS)
    await settle()
    await resolveNext()
    const before = sent.length
    put(person('ann', 1))
    await settle()
    await failNext()
    clock.advance(PUBLISH_RETRY_MIN_MS)
    await settle()
    expect(sent).toHaveLength(before + 2)
  })

  test('R122 R113: a welcome, or the end, calls the retry off', async () => {
    const { publisher, sent, byHand, failNext, resolveNext, clock } = createHarness()
    byHand()
    publisher.publishWhole()
    await settle()
    await failNext()
    expect(clock.pendingCount).toBe(1)
    publisher.publishWhole()
    await settle()
    expect(clock.pendingCount).toBe(0)
    await resolveNext()
    expect(sent).toHaveLength(2)
    publisher.publishWhole()
    await settle()
    await failNext()
    publisher.close()
    expect(clock.pendingCount).toBe(0)
  })

  test('R150: a publication refused with room-not-live is not tried again', async () => {
    const { publisher, put, sent, byHand, failNext, notLive, clock } = createHarness()
    byHand()
    publisher.publishWhole()
    await settle()
    await failNext(new Refusal('room-not-live'))
    put(person('ann', 1))
    publisher.publishWhole()
    publisher.finish({ type: 'ended', reason: 'room-ended' })
    await settle()
    expect(notLive).toHaveLength(1)
    expect(sent).toHaveLength(1)
    expect(clock.pendingCount).toBe(0)
  })

  test('R150: a refusal on an earlier line does not close a room that a welcome has named since', async () => {
    const { publisher, byHand, failNext, resolveNext, notLive, copy, truth } = createHarness()
    byHand()
    publisher.publishWhole()
    await settle()
    publisher.publishWhole()
    await settle()
    await failNext(new Refusal('room-not-live'))
    await resolveNext()
    expect(notLive).toEqual([])
    expect(copy()).toEqual(truth())
  })

  test('R123: too many waiting events become the whole state', async () => {
    const { publisher, put, sent, byHand, resolveNext, copy, truth } = createHarness()
    publisher.publishWhole()
    await settle()
    byHand()
    for (let turn = 0; turn <= PENDING_EVENTS_MAX + 1; turn += 1) put(person('ann', 1, { handRaisedAtMs: turn }))
    await settle()
    await resolveNext()
    await resolveNext()
    expect(sent.slice(1).map(({ body }) => body.type)).toEqual(['state'])
    expect(copy()).toEqual(truth())
  })

  test('R124: every part of a very big room fits a message, and together they are the state', async () => {
    const { publisher, ledger, sent, copy, truth } = createHarness()
    const worstName = '\u0001'.repeat(NAME_MAX_CHARS)
    const worst = (number: number) =>
      person(`${number}-`.padEnd(64, 'x'), 4_000_000_000 + number, {
        name: worstName,
        handRaisedAtMs: 1_800_000_000_000.25,
        mutedBy: 'self',
      })
    for (let number = 1; number <= 2_000; number += 1) ledger.apply({ type: 'participant', participant: worst(number) })
    for (let number = 1; number <= REMOVED_MAX_PEOPLE; number += 1) {
      const participantId = personId(`${number}`.padEnd(64, 'r'))
      ledger.apply({ type: 'participant', participant: { ...worst(number), id: participantId } })
      ledger.apply({ type: 'left', participantId, reason: 'removed' })
    }
    publisher.publishWhole()
    await settle()
    expect(copy()).toEqual(truth())
    expect(sent[0]?.body.type).toBe('state')
    expect(sent).toHaveLength(2_000 / PUBLICATION_MAX_EVENTS)
    // The envelope of tRPC is small beside this reserve.
    for (const publication of sent) {
      expect(Buffer.byteLength(JSON.stringify(publication))).toBeLessThan(MESSAGE_MAX_BYTES - 8 * 1024)
    }
  })

  test('R124: the largest publication, a full one with the end behind it, is within the contract', async () => {
    const { publisher, put, sent, byHand } = createHarness()
    publisher.publishWhole()
    await settle()
    byHand()
    for (let number = 1; number <= 2 * PUBLICATION_MAX_EVENTS; number += 1) put(person(`p${number}`, number))
    publisher.finish({ type: 'ended', reason: 'room-ended' })
    const { body, ...envelope } = sent.at(-1) as RoomPublication
    expect(body).toMatchObject({ type: 'events', events: { length: PUBLICATION_MAX_EVENTS + 1 } })
    expect(roomPublicationSchema.safeParse({ ...envelope, body }).success).toBe(true)
    const events = Array.from({ length: PUBLICATION_EVENTS_COUNT + 1 }, () => ({ type: 'ended', reason: 'room-ended' }))
    expect(roomPublicationSchema.safeParse({ ...envelope, body: { type: 'events', events } }).success).toBe(false)
  })

  test('R124: a name longer than any person may have is not taken from a node', () => {
    const named = (name: string) => ({
      roomId: ROOM_ID,
      epoch: 'e',
      seq: 0,
      body: { type: 'events', events: [{ type: 'participant', participant: person('ann', 1, { name }) }] },
    })
    expect(roomPublicationSchema.safeParse(named('x'.repeat(NAME_MAX_CHARS))).success).toBe(true)
    expect(roomPublicationSchema.safeParse(named('x'.repeat(NAME_MAX_CHARS + 1))).success).toBe(false)
  })

  test('R124: the stage comes first', async () => {
    const { publisher, ledger, sent } = createHarness()
    for (let number = 1; number <= 150; number += 1) {
      ledger.apply({ type: 'participant', participant: person(`p${number}`, number, { onStage: number === 150 }) })
    }
    publisher.publishWhole()
    await settle()
    expect(sent[0]?.body.type === 'state' && Object.keys(sent[0].body.state.participants)[0]).toBe('p150')
  })
})

describe('snapshots', () => {
  test('R125: a snapshot comes only when it is another', async () => {
    const { publisher, put, sent } = createHarness()
    const withSnapshot = async (participant: Participant) => {
      put(participant)
      await settle()
      return sent.at(-1)?.snapshot !== undefined
    }
    publisher.publishWhole()
    await settle()
    expect(sent[0]?.snapshot).toEqual({ seats: [], removed: [], nextNumber: 2 * NUMBERS_RESERVED + 1, recording: null })
    const speaker = person('ann', 2, { onStage: true })
    expect(await withSnapshot(person('listener', 1))).toBe(false)
    expect(await withSnapshot(speaker)).toBe(true)
    expect(await withSnapshot({ ...speaker, connected: false })).toBe(false)
    expect(await withSnapshot({ ...speaker, muted: true, mutedBy: 'self' })).toBe(true)
    expect(await withSnapshot({ ...speaker, onStage: false })).toBe(true)
    expect(await withSnapshot({ ...speaker, onStage: false, connected: false })).toBe(false)
    expect(await withSnapshot(person('far', NUMBERS_RESERVED + 1))).toBe(true)
  })

  test('R126: a snapshot is bounded: stage, hosts, longest waiting hands; the newest removed people', () => {
    const ledger = newLedger()
    const put = (participant: Participant) => ledger.apply({ type: 'participant', participant })
    for (let number = 1; number <= 400; number += 1)
      put(person(`hand${number}`, number, { handRaisedAtMs: 1_000 - number }))
    put(person('host', 1_000, { rank: 'host' }))
    put(person('stage', 1_001, { onStage: true }))
    for (let number = 0; number <= REMOVED_MAX_PEOPLE; number += 1) {
      put(person(`gone${number}`, 2_000 + number))
      ledger.apply({ type: 'left', participantId: personId(`gone${number}`), reason: 'removed' })
    }
    const { seats, removed } = ledger.takeSnapshot()
    expect(seats).toHaveLength(SNAPSHOT_MAX_SEATS)
    expect(seats.slice(0, 3).map((seat) => seat.id)).toEqual(['stage', 'host', 'hand400'])
    expect(removed).toHaveLength(REMOVED_MAX_PEOPLE)
    expect(removed).not.toContain('gone0')
    expect(removed.at(-1)).toBe(`gone${REMOVED_MAX_PEOPLE}`)
  })
})
