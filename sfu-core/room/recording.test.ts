import { expect, test } from 'vitest'
import { Refusal } from '../contract/reasons.ts'
import type { FakeMediaLink } from '../test/fake-transport.ts'
import { personId } from '../test/people.ts'
import { createRoomHarness } from '../test/room-harness.ts'
import { settle } from '../test/settle.ts'

const PACKET = { sequenceNumber: 1, timestamp: 960, payload: new Uint8Array([0xfc]), levelDbov: 20 }

/** A host (number 1) and a speaker (number 2) on stage, a recording running. */
async function recordedRoom() {
  const harness = createRoomHarness()
  const host = await harness.enter('host', 'host')
  const ann = await harness.enter('ann', 'speaker')
  await harness.act('host', { type: 'start-recording' })
  const take = harness.studio.latest
  const heardAndRecorded = (...links: FakeMediaLink[]) => {
    harness.forwarder.heard.length = 0
    take.packets.length = 0
    for (const link of links) link.events.onUplink(PACKET)
    return { heard: [...harness.forwarder.heard], recorded: [...take.packets] }
  }
  return { ...harness, host, ann, take, everybodySpeaks: () => heardAndRecorded(host.link, ann.link) }
}

test('R60 R61 R62: the starter is recorded; others on stage are heard, not recorded', async () => {
  const { copy, take, seat, everybodySpeaks } = await recordedRoom()
  expect(copy().recording).toEqual({ takeId: take.manifest.takeId, startedAtMs: take.manifest.startedAtMs })
  expect(seat('host').recordingConsent).toBe(true)
  expect(seat('ann').recordingConsent).toBe(false)
  expect(everybodySpeaks()).toEqual({ heard: [1, 2], recorded: [1] })
})

test('R64 R67: recorded from consent on; not while muted', async () => {
  const { act, everybodySpeaks, take } = await recordedRoom()
  await act('ann', { type: 'answer-recording', agree: true })
  expect(everybodySpeaks()).toEqual({ heard: [1, 2], recorded: [1, 2] })
  await act('ann', { type: 'set-muted', muted: true })
  expect(everybodySpeaks()).toEqual({ heard: [1], recorded: [1] })
  await act('ann', { type: 'set-muted', muted: false })
  expect(everybodySpeaks()).toEqual({ heard: [1, 2], recorded: [1, 2] })
  expect(new Set(take.speakers.map((speaker) => speaker.number))).toEqual(new Set([1, 2]))
})

test('R65: declining: to the audience; the host stays, heard and unrecorded', async () => {
  const { act, seat, everybodySpeaks, take } = await recordedRoom()
  await act('ann', { type: 'answer-recording', agree: false })
  expect(seat('ann').onStage).toBe(false)
  await act('host', { type: 'answer-recording', agree: false })
  expect(everybodySpeaks()).toEqual({ heard: [1], recorded: [] })
  expect(take.notes).toContainEqual({ type: 'declined', number: 2 })
  expect(take.notes).toContainEqual({ type: 'declined', number: 1 })
})

test('R63 R61: a new take asks again', async () => {
  const { act, seat, copy, studio, take } = await recordedRoom()
  await act('ann', { type: 'answer-recording', agree: true })
  await act('ann', { type: 'leave-stage' })
  expect(seat('ann').recordingConsent).toBe(true)
  await act('host', { type: 'stop-recording' })
  expect(take.endedBy).toBe('stopped')
  expect(copy().recording).toBeNull()
  expect(seat('ann').recordingConsent).toBe(false)
  await act('host', { type: 'start-recording' })
  expect(studio.takes).toHaveLength(2)
  expect(studio.latest.manifest.continues).toBeNull()
  expect(seat('ann').recordingConsent).toBe(false)
})

test('R66: consent lasts over leaving the stage and coming back', async () => {
  const { act, everybodySpeaks, enter, studio } = await recordedRoom()
  await act('ann', { type: 'answer-recording', agree: true })
  await act('ann', { type: 'leave-stage' })
  await act('ann', { type: 'raise-hand', recordingConsent: false })
  await act('host', { type: 'bring-on-stage', participantId: personId('ann') })
  expect(everybodySpeaks().recorded).toEqual([1, 2])
  const { link } = await enter('ann')
  studio.latest.packets.length = 0
  link.events.onUplink(PACKET)
  expect(studio.latest.packets).toEqual([2])
})

test('R68: a take that cannot start', async () => {
  const { enter, act, studio, copy, seat, clock } = createRoomHarness()
  await enter('host', 'host')
  studio.refuseWith(new Refusal('disk-full'))
  await expect(act('host', { type: 'start-recording' })).rejects.toMatchObject({ code: 'disk-full' })
  expect(copy().recording).toBeNull()
  expect(seat('host').recordingConsent).toBe(false)
  studio.refuseWith(null)
  await act('host', { type: 'start-recording' })
  expect(copy().recording).not.toBeNull()
  expect(clock.pendingCount).toBe(0)
})

test('R69: a take that cannot go on ends for everybody to see, with the reason', async () => {
  const { take, copy, seat, publications, manifests, act, studio } = await recordedRoom()
  take.events.onFailed('disk-full', 'no space left on device')
  await settle()
  expect(copy().recording).toBeNull()
  expect(seat('host').recordingConsent).toBe(false)
  expect(publications.at(-1)?.body).toMatchObject({
    events: expect.arrayContaining([{ type: 'recording', recording: null, reason: 'disk-full' }]),
  })
  expect(manifests.at(-1)).toMatchObject({ endedBy: 'disk-full' })
  await act('host', { type: 'start-recording' })
  expect(studio.takes).toHaveLength(2)
})

test('R69: a take that fails for another reason than a full disk says so', async () => {
  const { take, publications, manifests } = await recordedRoom()
  take.events.onFailed('recording-failed', 'the folder is gone')
  await settle()
  expect(publications.at(-1)?.body).toMatchObject({
    events: expect.arrayContaining([{ type: 'recording', recording: null, reason: 'recording-failed' }]),
  })
  expect(manifests.at(-1)).toMatchObject({ endedBy: 'failed' })
})

test('R73: the take`s clock, and none before, between and after takes', async () => {
  const { room, clock, act, copy, studio } = await recordedRoom()
  const takeId = copy().recording?.takeId
  const { takeMs } = room.takeClock()
  clock.advance(1_234.5)
  expect(room.takeClock()).toEqual({ takeId, takeMs: takeMs + 1_234.5 })
  await act('host', { type: 'stop-recording' })
  expect(() => room.takeClock()).toThrow(expect.objectContaining({ code: 'no-take' }))
  await act('host', { type: 'start-recording' })
  expect(room.takeClock().takeId).toBe(studio.latest.manifest.takeId)
  expect(room.takeClock().takeId).not.toBe(takeId)
})

test('R66 R70: a restored room goes on in a new take, with the consent that was given', async () => {
  const first = await recordedRoom()
  await first.act('ann', { type: 'answer-recording', agree: true })
  const second = createRoomHarness(first.latestSnapshot())
  await settle()
  expect(second.studio.latest.manifest.continues).toBe(first.take.manifest.takeId)
  expect(second.copy().recording?.takeId).toBe(second.studio.latest.manifest.takeId)
  expect(second.latestSnapshot()?.recording?.takeId).toBe(second.studio.latest.manifest.takeId)
  const { link } = await second.enter('ann')
  link.events.onUplink(PACKET)
  expect(second.studio.latest.packets).toEqual([2])
  expect(second.studio.latest.notes).toContainEqual({ type: 'reconnected', number: 2 })
})

test('R70 R69: a restored room whose take cannot go on says so', async () => {
  const first = await recordedRoom()
  const second = createRoomHarness(first.latestSnapshot(), (studio) => studio.refuseWith(new Refusal('disk-full')))
  await settle()
  expect(second.copy().recording).toBeNull()
  expect(second.seat('host').recordingConsent).toBe(false)
})

test('R71: a second start while the first is under way is refused', async () => {
  const { enter, act, studio } = createRoomHarness()
  await enter('host', 'host')
  studio.hold()
  const first = act('host', { type: 'start-recording' })
  await expect(act('host', { type: 'start-recording' })).rejects.toMatchObject({ code: 'nothing-to-do' })
  studio.release()
  await first
  expect(studio.takes).toHaveLength(1)
})

test('R71: who loses the seat before the take begins starts none', async () => {
  const { enter, act, studio, copy, manifests } = createRoomHarness()
  await enter('host', 'host')
  await enter('co', 'co-host')
  studio.hold()
  const starting = act('co', { type: 'start-recording' })
  await act('host', { type: 'remove', participantId: personId('co') })
  studio.release()
  await expect(starting).rejects.toMatchObject({ code: 'not-in-room' })
  await settle()
  expect(copy().recording).toBeNull()
  expect(manifests.at(-1)).toMatchObject({ endedBy: 'stopped' })
})

test('R71: a room that ends before the take begins waits for its files', async () => {
  const { enter, act, studio, room, manifests } = createRoomHarness()
  await enter('host', 'host')
  studio.hold()
  const starting = act('host', { type: 'start-recording' })
  const closing = room.close({ type: 'ended', reason: 'room-ended' })
  studio.release()
  await expect(starting).rejects.toBeInstanceOf(Refusal)
  await closing
  expect(manifests.at(-1)?.endedAtMs).not.toBeNull()
})

test('R71: stopping a restored recording before it goes on', async () => {
  const first = await recordedRoom()
  const second = createRoomHarness(first.latestSnapshot(), (studio) => studio.hold())
  await second.act('host', { type: 'stop-recording' })
  second.studio.release()
  await settle()
  expect(second.copy().recording).toBeNull()
  expect(second.studio.takes.map((take) => take.endedBy)).toEqual(['stopped'])
  expect(second.trouble).toEqual([])
})

test('R72: the timeline tells of the stage', async () => {
  const { act, enter, host, ann, take } = await recordedRoom()
  await enter('listener')
  await act('listener', { type: 'raise-hand', recordingConsent: true })
  await act('host', { type: 'bring-on-stage', participantId: personId('listener') })
  await act('ann', { type: 'answer-recording', agree: true })
  await act('host', { type: 'mute', participantId: personId('ann') })
  await act('ann', { type: 'set-muted', muted: false })
  ann.link.events.onDisconnected()
  ann.link.events.onConnected()
  await act('ann', { type: 'leave-stage' })
  await act('listener', { type: 'leave' })
  await enter('other')
  await act('other', { type: 'leave' })
  const notesOf = (number: number) => take.notes.filter((note) => note.number === number).map((note) => note.type)
  expect(notesOf(host.participant.number)).toEqual(['joined', 'on-stage', 'consented'])
  expect(notesOf(ann.participant.number)).toEqual([
    'joined',
    'on-stage',
    'consented',
    'muted',
    'unmuted',
    'disconnected',
    'reconnected',
    'off-stage',
  ])
  expect(notesOf(3)).toEqual(['on-stage', 'consented', 'off-stage', 'left'])
  expect(notesOf(4)).toEqual([])
})

test('R72: consent that a listener gives with the hand does not get them into the take', async () => {
  const { act, enter, take } = await recordedRoom()
  await enter('listener')
  for (let time = 0; time < 3; time += 1) {
    await act('listener', { type: 'raise-hand', recordingConsent: true })
    await act('listener', { type: 'lower-hand' })
  }
  expect(take.notes.filter((note) => note.number === 3)).toEqual([])
})

test('R72 R66: who agreed and comes on stage again is told to have agreed once', async () => {
  const { act, take } = await recordedRoom()
  await act('ann', { type: 'answer-recording', agree: true })
  await act('ann', { type: 'leave-stage' })
  await act('ann', { type: 'raise-hand', recordingConsent: false })
  await act('host', { type: 'bring-on-stage', participantId: personId('ann') })
  const notes = take.notes.filter((note) => note.number === 2).map((note) => note.type)
  expect(notes).toEqual(['joined', 'on-stage', 'consented', 'off-stage', 'on-stage'])
})
