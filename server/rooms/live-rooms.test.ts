import { describe, expect, it } from 'vitest'
import { nodeIdSchema, roomIdSchema } from '../../sfu-core/contract/ids.ts'
import { LiveRooms } from './live-rooms.ts'
import { aRecord, person, state } from './room-fixtures.ts'

const nodeId = nodeIdSchema.parse('node1')
const id = (text: string) => roomIdSchema.parse(text)
const ids = (rooms: { record: { roomId: string } }[]) => rooms.map((room) => room.record.roomId)

describe('the list of live rooms', () => {
  it('tells what changed after a version, and nothing of rooms that are not public', () => {
    const rooms = new LiveRooms()
    const one = rooms.add(aRecord({ roomId: id('one') }), { nodeId, nodeUp: true })
    rooms.add(aRecord({ roomId: id('hidden'), visibility: 'unlisted' }), { nodeId, nodeUp: true })
    const before = rooms.version
    rooms.add(aRecord({ roomId: id('two') }), { nodeId, nodeUp: true })
    expect(ids(rooms.changesSince(before).rooms)).toEqual(['two'])
    one.publish(state(0, [person('a')], id('one')))
    rooms.touch(one)
    expect(ids(rooms.listed())).toEqual(['two', 'one'])
  })

  it('a room whose node is lost goes, and comes back with it', () => {
    const rooms = new LiveRooms()
    const room = rooms.add(aRecord(), { nodeId, nodeUp: true })
    const before = rooms.version
    room.setNodeUp(false)
    rooms.touch(room)
    expect(rooms.changesSince(before)).toEqual({ rooms: [], gone: [room.record.roomId] })
    room.setNodeUp(true)
    rooms.touch(room)
    expect(rooms.changesSince(before)).toMatchObject({ gone: [] })
    expect(rooms.listed()).toEqual([room])
  })

  it('does not remember for ever', () => {
    const rooms = new LiveRooms()
    for (let n = 0; n < 600; n += 1) {
      rooms.remove(rooms.add(aRecord({ roomId: id(`r${n}`) }), { nodeId, nodeUp: true }), 'room-ended')
    }
    expect(rooms.remembers(0)).toBe(false)
    expect(rooms.remembers(rooms.version)).toBe(true)
  })
})
