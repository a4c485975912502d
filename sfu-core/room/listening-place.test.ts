import { expect, test } from 'vitest'
import { createRoomHarness } from '../test/room-harness.ts'

test('R163: the forwarder knows who is on stage, from before their link comes to when they leave', async () => {
  const { enter, act, forwarder } = createRoomHarness()
  await enter('host', 'host')
  await enter('ann')
  expect([...forwarder.onStage]).toEqual([1])
  await act('ann', { type: 'raise-hand', recordingConsent: false })
  await act('host', { type: 'bring-on-stage', participantId: (await enter('ann')).participant.id })
  expect([...forwarder.onStage]).toEqual([1, 2])
  await act('ann', { type: 'set-muted', muted: true })
  expect([...forwarder.onStage]).toEqual([1, 2])
  expect([...forwarder.audible]).toEqual([1])
  await act('ann', { type: 'leave-stage' })
  expect([...forwarder.onStage]).toEqual([1])
  await act('host', { type: 'leave' })
  expect([...forwarder.onStage]).toEqual([])
})

test('R163 R80: who drops and comes back listens where they sat', async () => {
  const { enter, forwarder, clock } = createRoomHarness()
  const host = await enter('host', 'host')
  host.link.events.onDisconnected()
  expect([...forwarder.onStage]).toEqual([1])
  await enter('host', 'host')
  expect([...forwarder.onStage]).toEqual([1])
  clock.advance(1_000)
  expect([...forwarder.onStage]).toEqual([1])
})

test('R163 R87: a restored room has its stage before anybody is back', async () => {
  const first = createRoomHarness()
  await first.enter('host', 'host')
  await first.enter('ann')
  first.clock.advance(2_000)
  const second = createRoomHarness(first.latestSnapshot())
  expect([...second.forwarder.onStage]).toEqual([1])
  expect([...second.forwarder.attached.keys()]).toEqual([])
})

test('a link that has no seat is not asked for', async () => {
  const { join, transport, forwarder } = createRoomHarness()
  transport.hold()
  const joining = join('host', 'host')
  transport.release()
  await joining
  const [link] = transport.links
  expect(link?.events.wantsUplink(0)).toBe(true)
  forwarder.setAudible(1, false)
  expect(link?.events.wantsUplink(0)).toBe(false)
})
