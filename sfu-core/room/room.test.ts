import { describe, expect, test } from 'vitest'
import { SEAT_GRACE_MS } from '../contract/limits.ts'
import { BAD_OFFER } from '../test/fake-transport.ts'
import { personId } from '../test/people.ts'
import { createRoomHarness } from '../test/room-harness.ts'
import { settle } from '../test/settle.ts'
import { ACCEPT_TIMEOUT_MS, FIRST_CONNECT_MS, PENDING_JOINS_PER_SEAT } from './limits.ts'

const PACKET = { sequenceNumber: 1, timestamp: 960, payload: new Uint8Array([0xfc]), levelDbov: 20 }

const about = (name: string) => ({ participantId: personId(name) })

describe('entering', () => {
  test('R1 R4: people get numbers of their own, and the answer tells their seat', async () => {
    const { join } = createRoomHarness()
    const host = await join('host', 'host')
    const listener = await join('ann')
    expect(host.participant).toMatchObject({ number: 1, rank: 'host', onStage: true })
    expect(listener.participant).toMatchObject({ number: 2, rank: 'member', onStage: false })
    expect(host.answerSdp).not.toBe(listener.answerSdp)
  })

  test('R8: an offer that the transport refuses leaves nothing behind', async () => {
    const { join, room, clock, transport } = createRoomHarness()
    await expect(join('ann', 'listener', BAD_OFFER)).rejects.toMatchObject({ code: 'offer-malformed' })
    expect(room.dump()).toMatchObject({ participants: 0, links: 0, nextNumber: 1 })
    expect(transport.openLinks).toEqual([])
    expect(clock.pendingCount).toBe(0)
  })

  test('R8: an answer that comes too late is closed', async () => {
    const { join, room, clock, transport } = createRoomHarness()
    transport.hold()
    const joining = join('ann')
    await settle()
    clock.advance(ACCEPT_TIMEOUT_MS)
    await expect(joining).rejects.toMatchObject({ code: 'media-failed' })
    transport.answerHeld()
    await settle()
    expect(transport.links).toHaveLength(1)
    expect(transport.openLinks).toEqual([])
    expect(room.dump().participants).toBe(0)
  })

  test('R8: a link that ends while it is made is no seat', async () => {
    const harness = createRoomHarness()
    const accept = harness.transport.accept.bind(harness.transport)
    harness.transport.accept = async (offerSdp, events) => {
      const link = await accept(offerSdp, events)
      events.onClosed()
      return link
    }
    await expect(harness.join('ann')).rejects.toMatchObject({ code: 'media-failed' })
    expect(harness.room.dump()).toMatchObject({ participants: 0, links: 0 })
    expect(harness.transport.openLinks).toEqual([])
  })

  test('R82: a path that comes up before the seat is given counts', async () => {
    const harness = createRoomHarness()
    const accept = harness.transport.accept.bind(harness.transport)
    harness.transport.accept = async (offerSdp, events) => {
      const link = await accept(offerSdp, events)
      events.onConnected()
      return link
    }
    expect((await harness.join('ann')).participant.connected).toBe(true)
    expect(harness.clock.pendingCount).toBe(0)
  })

  test('R9: who is removed while the transport answers does not get in', async () => {
    const { join, enter, act, transport, has } = createRoomHarness()
    await enter('host', 'host')
    await enter('ann')
    transport.hold()
    const joining = join('ann')
    await settle()
    await act('host', { type: 'remove', ...about('ann') })
    transport.answerHeld()
    await expect(joining).rejects.toMatchObject({ code: 'removed' })
    expect(has('ann')).toBe(false)
    expect(transport.openLinks).toHaveLength(1)
  })

  test('R9 R112: who finds the room ended does not get in', async () => {
    const { join, room, transport } = createRoomHarness()
    transport.hold()
    const joining = join('ann')
    await settle()
    await room.close({ type: 'ended', reason: 'room-ended' })
    transport.answerHeld()
    await expect(joining).rejects.toMatchObject({ code: 'room-ended' })
    expect(transport.openLinks).toEqual([])
  })
})

describe('who is heard', () => {
  test('R21 R51: only the unmuted stage is heard, whatever clients send', async () => {
    const { enter, act, forwarder } = createRoomHarness()
    const host = await enter('host', 'host')
    const ann = await enter('ann')
    const everybodySpeaks = () => {
      forwarder.heard.length = 0
      for (const { link } of [host, ann]) link.events.onUplink(PACKET)
      return [...forwarder.heard]
    }
    expect(everybodySpeaks()).toEqual([1])
    await act('ann', { type: 'raise-hand', recordingConsent: false })
    await act('host', { type: 'bring-on-stage', ...about('ann') })
    expect(everybodySpeaks()).toEqual([1, 2])
    await act('host', { type: 'mute', ...about('ann') })
    expect(everybodySpeaks()).toEqual([1])
    await act('ann', { type: 'set-muted', muted: false })
    expect(everybodySpeaks()).toEqual([1, 2])
    await act('ann', { type: 'leave-stage' })
    expect(everybodySpeaks()).toEqual([1])
  })
})

describe('seats', () => {
  test('R80 R86: coming back is the same seat, and the old link is closed and unheard', async () => {
    const { enter, act, forwarder, seat } = createRoomHarness()
    const first = await enter('ann', 'speaker')
    await act('ann', { type: 'set-muted', muted: true })
    const again = await enter('ann', 'listener')
    expect(again.participant).toEqual({ ...first.participant, muted: true, mutedBy: 'self' })
    expect(first.link.isClosed).toBe(true)
    expect(forwarder.attached.get(1)).toBe(again.link)
    first.link.events.onClosed()
    first.link.events.onDisconnected()
    await act('ann', { type: 'set-muted', muted: false })
    first.link.events.onUplink(PACKET)
    expect(forwarder.heard).toEqual([])
    again.link.events.onUplink(PACKET)
    expect(forwarder.heard).toEqual([1])
    expect(seat('ann').connected).toBe(true)
  })

  test('R86: a failed try to come back leaves the old link alone', async () => {
    const { enter, join, seat } = createRoomHarness()
    const { link } = await enter('ann')
    await expect(join('ann', 'listener', BAD_OFFER)).rejects.toMatchObject({ code: 'offer-malformed' })
    expect(link.isClosed).toBe(false)
    expect(seat('ann').connected).toBe(true)
  })

  test('R82: a path that breaks and heals', async () => {
    const { enter, seat, clock, has } = createRoomHarness()
    const { link } = await enter('ann')
    link.events.onDisconnected()
    await settle()
    expect(seat('ann').connected).toBe(false)
    clock.advance(SEAT_GRACE_MS - 1)
    link.events.onConnected()
    await settle()
    expect(seat('ann').connected).toBe(true)
    clock.advance(SEAT_GRACE_MS * 2)
    await settle()
    expect(has('ann')).toBe(true)
  })

  test.each(['onDisconnected', 'onClosed'] as const)('R83: after %s the seat is kept for a while', async (end) => {
    const { enter, publications, clock, has, transport, forwarder } = createRoomHarness()
    const { link } = await enter('ann', 'speaker')
    link.events[end]()
    clock.advance(SEAT_GRACE_MS - 1)
    await settle()
    expect(has('ann')).toBe(true)
    clock.advance(1)
    await settle()
    expect(publications.at(-1)?.body).toEqual({
      type: 'events',
      events: [{ type: 'left', participantId: 'ann', reason: 'timed-out' }],
    })
    expect(transport.openLinks).toEqual([])
    expect([...forwarder.attached.keys(), ...forwarder.audible]).toEqual([])
    expect(clock.pendingCount).toBe(0)
  })

  test('R84: a newcomer whose path never comes up is given up', async () => {
    const { join, publications, clock, transport } = createRoomHarness()
    await join('ann')
    clock.advance(FIRST_CONNECT_MS)
    await settle()
    expect(publications.at(-1)?.body).toMatchObject({ events: [{ type: 'left', reason: 'media-failed' }] })
    expect(transport.openLinks).toEqual([])
  })

  test('R85: of two joins the newer wins, though the older is answered later', async () => {
    const { join, transport, forwarder, room } = createRoomHarness()
    transport.hold()
    const older = join('ann')
    await settle()
    const newer = join('ann')
    await settle()
    transport.answerHeld(1)
    const answer = await newer
    transport.answerHeld(0)
    await expect(older).rejects.toMatchObject({ code: 'replaced' })
    expect(transport.openLinks.map((link) => link.answerSdp)).toEqual([answer.answerSdp])
    expect(forwarder.attached.get(1)?.answerSdp).toBe(answer.answerSdp)
    expect(room.dump()).toMatchObject({ participants: 1, links: 1 })
  })

  test('R85: the older one serves until the newer is there, and if the newer fails', async () => {
    const { join, transport } = createRoomHarness()
    transport.hold()
    const older = join('ann')
    await settle()
    const newer = join('ann')
    await settle()
    transport.answerHeld(0)
    const first = await older
    expect(transport.openLinks.map((link) => link.answerSdp)).toEqual([first.answerSdp])
    transport.answerHeld(0)
    const second = await newer
    expect(transport.openLinks.map((link) => link.answerSdp)).toEqual([second.answerSdp])
  })

  test('R85: too many joins of one seat at once', async () => {
    const { join, transport } = createRoomHarness()
    transport.hold()
    const joins = Array.from({ length: PENDING_JOINS_PER_SEAT }, () => join('ann'))
    await settle()
    await expect(join('ann')).rejects.toMatchObject({ code: 'too-many-requests' })
    for (const _ of joins) transport.answerHeld()
    await Promise.all(joins)
  })

  test('R4 R87 R104: a restored room has its seats, numbers and removed people again', async () => {
    const first = createRoomHarness()
    await first.enter('host', 'host')
    await first.enter('listener')
    await first.enter('ann')
    await first.enter('bob')
    await first.act('ann', { type: 'raise-hand', recordingConsent: false })
    await first.act('host', { type: 'bring-on-stage', ...about('ann') })
    await first.act('ann', { type: 'set-muted', muted: true })
    await first.act('host', { type: 'remove', ...about('bob') })

    const second = createRoomHarness(first.latestSnapshot())
    await settle()
    expect(Object.keys(second.copy().participants)).toEqual(['host', 'ann'])
    expect(second.seat('ann')).toEqual({ ...first.seat('ann'), connected: false })
    await expect(second.join('bob', 'host')).rejects.toMatchObject({ code: 'removed' })
    const back = await second.enter('ann')
    expect(back.participant).toEqual(first.seat('ann'))
    const numbersBefore = [1, 2, 3, 4]
    expect(numbersBefore).not.toContain((await second.enter('listener')).participant.number)
    await second.act('ann', { type: 'set-muted', muted: false })
    back.link.events.onUplink(PACKET)
    expect(second.forwarder.heard).toEqual([3])
    second.clock.advance(SEAT_GRACE_MS)
    await settle()
    expect(second.has('host')).toBe(false)
    expect(second.has('ann')).toBe(true)
  })

  test('R88 R101: the room goes on without its host', async () => {
    const { enter, has, clock, forwarder } = createRoomHarness()
    const host = await enter('host', 'host')
    const ann = await enter('ann', 'speaker')
    host.link.events.onClosed()
    clock.advance(SEAT_GRACE_MS)
    await settle()
    expect(has('host')).toBe(false)
    ann.link.events.onUplink(PACKET)
    expect(forwarder.heard).toEqual([2])
  })
})

describe('leaving and removing', () => {
  test('R100: leaving closes the link; who comes again is a newcomer', async () => {
    const { enter, act, has, clock } = createRoomHarness()
    const { link } = await enter('ann')
    await act('ann', { type: 'leave' })
    expect(has('ann')).toBe(false)
    expect(link.isClosed).toBe(true)
    expect(clock.pendingCount).toBe(0)
    expect((await enter('ann')).participant.number).toBe(2)
  })

  test('R104: a removed person is out at once and cannot come back', async () => {
    const { enter, act, join, has } = createRoomHarness()
    await enter('host', 'host')
    const { link } = await enter('ann', 'speaker')
    await act('host', { type: 'remove', ...about('ann') })
    expect(has('ann')).toBe(false)
    expect(link.isClosed).toBe(true)
    await expect(join('ann', 'co-host')).rejects.toMatchObject({ code: 'removed' })
    await expect(act('ann', { type: 'raise-hand', recordingConsent: false })).rejects.toMatchObject({
      code: 'not-in-room',
    })
  })
})

describe('the end', () => {
  test('R110: an ended room says so, closes its links and ends its take', async () => {
    const { enter, act, room, copy, publications, transport, forwarder, studio, manifests } = createRoomHarness()
    await enter('host', 'host')
    await act('host', { type: 'start-recording' })
    await room.close({ type: 'ended', reason: 'room-ended' })
    await settle()
    expect(publications.at(-1)?.body).toEqual({ type: 'events', events: [{ type: 'ended', reason: 'room-ended' }] })
    expect(copy().participants).toEqual({})
    expect(transport.openLinks).toEqual([])
    expect(forwarder.isClosed).toBe(true)
    expect(studio.latest.endedBy).toBe('room-ended')
    expect(manifests.at(-1)).toMatchObject({ endedBy: 'room-ended' })
  })

  test('R111: a closing node ends the take and says nothing, so that the room can be restored', async () => {
    const { enter, act, room, publications, transport, studio, latestSnapshot } = createRoomHarness()
    await enter('host', 'host')
    await act('host', { type: 'start-recording' })
    const before = publications.length
    await room.close({ type: 'node-closed' })
    await settle()
    expect(publications).toHaveLength(before)
    expect(transport.openLinks).toEqual([])
    expect(studio.latest.endedBy).toBe('node-closed')
    expect(latestSnapshot()?.recording?.takeId).toBe(studio.latest.manifest.takeId)
  })

  test('R112 R113: afterwards everything is refused, closing again is the same, no timer is left', async () => {
    const { enter, act, join, room, clock } = createRoomHarness()
    await enter('host', 'host')
    await join('ann')
    const closing = room.close({ type: 'ended', reason: 'room-ended' })
    expect(room.close({ type: 'node-closed' })).toBe(closing)
    await closing
    await expect(join('bob')).rejects.toMatchObject({ code: 'room-ended' })
    await expect(act('host', { type: 'lower-hand' })).rejects.toMatchObject({ code: 'room-ended' })
    expect(clock.pendingCount).toBe(0)
  })
})

describe('sound for listeners', () => {
  test('R90 R91: a host chooses, everybody sees it, and it holds at once', async () => {
    const { enter, act, copy, forwarder } = createRoomHarness()
    await enter('host', 'host')
    await enter('ann')
    expect(copy().audiencePacketMs).toBe(60)
    await act('host', { type: 'set-audience-packet', audiencePacketMs: 20 })
    expect(copy().audiencePacketMs).toBe(20)
    expect(forwarder.audiencePacketMs).toBe(20)
    await expect(act('ann', { type: 'set-audience-packet', audiencePacketMs: 120 })).rejects.toMatchObject({
      code: 'not-allowed',
    })
    expect(forwarder.audiencePacketMs).toBe(20)
  })

  test('R90: a whole state tells the choice', async () => {
    const { enter, act, copy, setLine } = createRoomHarness()
    await enter('host', 'host')
    setLine(false)
    await act('host', { type: 'set-audience-packet', audiencePacketMs: 120 })
    expect(copy().audiencePacketMs).toBe(60)
    setLine(true)
    await settle()
    expect(copy().audiencePacketMs).toBe(120)
  })
})

describe('addresses of a page', () => {
  test('R92: they go to its link, and of somebody without one they are dropped', async () => {
    const { enter, room } = createRoomHarness()
    const { link } = await enter('ann')
    const told: (readonly string[])[] = []
    link.addRemoteCandidates = (lines) => told.push(lines)
    room.addCandidates(personId('ann'), ['candidate:1'])
    room.addCandidates(personId('bob'), ['candidate:2'])
    expect(told).toEqual([['candidate:1']])
  })
})
