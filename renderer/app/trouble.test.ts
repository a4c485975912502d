import { describe, expect, it } from 'vitest'
import type { HostingStatus } from '../../electron/contract/bridge.ts'
import { troubleOf } from './trouble.ts'

const off: HostingStatus = { state: 'off' }
const restarting: HostingStatus = { state: 'restarting', crashes: 1, nodeId: 'n1', rooms: 1 }
const failed: HostingStatus = { state: 'failed', detail: 'no UDP' }

describe('troubleOf', () => {
  it('is silent while all is well', () => {
    expect(troubleOf({ line: 'online', hosting: off, inRoom: false })).toBeNull()
    expect(troubleOf({ line: 'connecting', hosting: { state: 'starting' }, inRoom: false })).toBeNull()
  })

  it('tells of the line and of the hosting process outside a room', () => {
    expect(troubleOf({ line: 'offline', hosting: off, inRoom: false })).toEqual({ kind: 'offline' })
    expect(troubleOf({ line: 'online', hosting: restarting, inRoom: false })).toEqual({ kind: 'restarting' })
  })

  it('leaves both to the stage in a room', () => {
    expect(troubleOf({ line: 'offline', hosting: restarting, inRoom: true })).toBeNull()
  })

  it('always tells that this computer has given up', () => {
    for (const inRoom of [true, false]) {
      expect(troubleOf({ line: 'offline', hosting: failed, inRoom })).toEqual({ kind: 'failed', detail: 'no UDP' })
    }
  })
})
