import { describe, expect, it } from 'vitest'
import { nodeIdSchema, takeIdSchema } from '../../sfu-core/contract/ids.ts'
import { ROOM_MAX_PARTICIPANTS } from '../../sfu-core/contract/limits.ts'
import { LiveRoom, openRoomOf } from './live-room.ts'
import { aRecord, events, person, state } from './room-fixtures.ts'

const open = () => new LiveRoom(aRecord(), { nodeId: nodeIdSchema.parse('node1'), nodeUp: true })

describe('a live room', () => {
  it('follows the publications of its node', () => {
    const room = open()
    room.publish(state(0, [person('a', { onStage: true })]))
    room.publish(events(1, [{ type: 'participant', participant: person('b') }]))
    expect(room.counts).toEqual({ onStage: 1, listeners: 1 })
    expect(room.eventId).toBe('e1:1')
  })

  it('puts publications that overtook each other in order', () => {
    const room = open()
    room.publish(state(0, []))
    room.publish(events(2, [{ type: 'left', participantId: person('b').id, reason: 'left' }]))
    expect(room.eventId).toBe('e1:0')
    room.publish(events(1, [{ type: 'participant', participant: person('b') }]))
    expect(room.eventId).toBe('e1:2')
    expect(room.state.participants).toEqual({})
  })

  it('wants a whole state first, and after a lost publication', () => {
    const room = open()
    expect(() => room.publish(events(0, []))).toThrow('A whole state must come first.')
    room.publish(state(0, []))
    expect(() => {
      for (let seq = 2; seq < 100; seq += 1) room.publish(events(seq, []))
    }).toThrow('A publication is missing.')
    room.publish(state(100, [person('a')]))
    expect(room.eventId).toBe('e1:100')
  })

  it('does not count people whose connection is down', () => {
    const room = open()
    room.publish(state(0, [person('a'), person('b', { connected: false })]))
    expect(room.counts.listeners).toBe(1)
  })

  it('shows the seats of the snapshot until its node is back', () => {
    const snapshot = { seats: [person('a', { onStage: true })], removed: [], nextNumber: 2, recording: null }
    const room = new LiveRoom(aRecord({ snapshot }), { nodeId: nodeIdSchema.parse('node1'), nodeUp: false })
    expect(Object.values(room.state.participants)).toMatchObject([{ id: 'a', connected: false }])
    room.publish(state(5, [person('a', { onStage: true })]))
    expect(room.nodeUp).toBe(true)
  })

  it('shows the recording of the snapshot until its node is back and says how it goes on: pages tape on meanwhile', () => {
    const recording = { takeId: takeIdSchema.parse('take1'), startedAtMs: 5 }
    const snapshot = { seats: [person('a', { onStage: true })], removed: [], nextNumber: 2, recording }
    const room = new LiveRoom(aRecord({ snapshot }), { nodeId: nodeIdSchema.parse('node1'), nodeUp: false })
    expect(room.state.recording).toEqual(recording)
  })

  it('keeps the sound for listeners that a host chose', () => {
    const room = open()
    room.publish(state(0, []))
    expect(room.state.audiencePacketMs).toBe(60)
    room.publish(events(1, [{ type: 'audience-packet', audiencePacketMs: 20 }]))
    expect(room.record.audiencePacketMs).toBe(20)
    expect(openRoomOf(room)).toMatchObject({ audiencePacketMs: 20 })
    room.publish({ ...state(2, []), body: { type: 'state', state: { ...room.state, audiencePacketMs: 120 } } })
    expect(room.record.audiencePacketMs).toBe(120)
  })

  it('does not take more people than a room may have and its host, by a state or by events', () => {
    const room = open()
    const people = Array.from({ length: ROOM_MAX_PARTICIPANTS + 1 }, (_, n) => person(`p${n}`))
    const more = person('more')
    expect(() => room.publish(state(0, [...people, more]))).toThrow('A room has at most')
    room.publish(state(0, people))
    expect(() => room.publish(events(1, [{ type: 'participant', participant: more }]))).toThrow('A room has at most')
    expect(room.counts.listeners).toBe(ROOM_MAX_PARTICIPANTS + 1)
  })

  it('moved to the node where it is keeps its place in the publications', () => {
    const room = open()
    room.publish(state(0, []))
    room.moveTo(room.nodeId)
    room.publish(events(1, [{ type: 'participant', participant: person('a') }]))
    expect([room.nodeUp, room.eventId]).toEqual([true, 'e1:1'])
  })

  it('says nothing after its end', () => {
    const room = open()
    room.publish(state(0, []))
    room.end('room-ended')
    const { end } = room.log
    room.publish(state(1, [person('a')]))
    room.setNodeUp(false)
    expect(room.log.end).toBe(end)
  })
})
