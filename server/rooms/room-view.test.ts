import { expect, test } from 'vitest'
import { nodeIdSchema } from '../../sfu-core/contract/ids.ts'
import { LiveRoom } from './live-room.ts'
import { aRecord } from './room-fixtures.ts'
import { viewOf } from './room-view.ts'

const NODE_ID = nodeIdSchema.parse('node1')
const record = aRecord({ hosting: 'desktop', visibility: 'private' })
const live = new LiveRoom(record, { nodeId: NODE_ID, nodeUp: true })
const host = { userId: record.hostId, name: 'Host', email: '' }
const other = { userId: 'user2', name: 'Other', email: '' }

test('the host alone sees which node runs the room, and the invite', () => {
  expect(viewOf(record, live, host)).toMatchObject({ mine: true, nodeId: NODE_ID, inviteCode: record.inviteCode })
  for (const person of [other, null])
    expect(viewOf(record, live, person)).toMatchObject({ mine: false, nodeId: null, inviteCode: null })
})

test('a room that is not live has no node', () => {
  const ended = aRecord({ status: 'ended', nodeId: NODE_ID })
  expect(viewOf(ended, null, host)).toMatchObject({ nodeId: null, nodeUp: true })
})
