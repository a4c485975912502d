import { describe, expect, it } from 'vitest'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import { inviteLink, isLocalAddress, readInvite, roomPath } from './invite-link.ts'

const roomId = 'abc' as RoomId

describe('inviteLink', () => {
  it('is the address of the room, with the code where there is one', () => {
    expect(inviteLink('https://e.example', { roomId, inviteCode: null })).toBe('https://e.example/r/abc')
    expect(inviteLink('https://e.example', { roomId, inviteCode: 'x-1' })).toBe('https://e.example/r/abc?invite=x-1')
  })
})

describe('readInvite', () => {
  const origins = ['http://127.0.0.1:8420', 'https://e.example', 'http://192.168.1.5:8420']
  const room = (invite: string | null) => ({ kind: 'room', roomId, invite })

  it.each([
    ['https://e.example/r/abc?invite=x-1', room('x-1')],
    ['  Come: https://e.example/r/abc/?invite=x-1 at nine ', room('x-1')],
    ['https://e.example/r/abc', room(null)],
    ['https://e.example/r/abc?invite=', room(null)],
    ['http://e.example/r/abc', room(null)],
    ['e.example/r/abc?invite=x-1', room('x-1')],
    ['http://192.168.1.5:8420/r/abc?invite=x-1', room('x-1')],
    ['http://localhost:8420/r/abc', room(null)],
    ['/r/abc?invite=x-1', room('x-1')],
    ['r/abc', room(null)],
  ])('finds the room in %j', (pasted, found) => expect(readInvite(pasted, origins)).toEqual(found))

  it.each([
    [' x-1 ', 'x-1'],
    ['?invite=x-1', 'x-1'],
  ])('finds the code in %j', (pasted, code) => expect(readInvite(pasted, origins)).toEqual({ kind: 'code', code }))

  it.each([
    ['https://other.example/r/abc?invite=x-1', 'other.example'],
    ['http://192.168.1.5:9000/r/abc', '192.168.1.5:9000'],
    ['http://localhost:9000/r/abc', 'localhost:9000'],
    ['//other.example/r/abc', 'other.example'],
  ])('knows that %j is of another server', (pasted, server) =>
    expect(readInvite(pasted, origins)).toEqual({ kind: 'elsewhere', server }),
  )

  it.each([
    '',
    '   ',
    'two words',
    'https://e.example/',
    'https://',
    '/r/',
    '/r/a b',
    '?other=1',
    'javascript:alert(1)',
  ])('reads nothing in %j', (pasted) => expect(readInvite(pasted, origins)).toEqual({ kind: 'unreadable' }))
})

describe('roomPath', () => {
  it('carries the code', () => {
    expect(roomPath(roomId, 'x&1')).toBe('/r/abc?invite=x%261')
    expect(roomPath(roomId, null)).toBe('/r/abc')
  })
})

describe('isLocalAddress', () => {
  it.each([
    ['http://localhost:8420', true],
    ['http://127.0.0.1:8420', true],
    ['http://[::1]:8420', true],
    ['https://e.example', false],
    ['http://192.168.1.5:8420', false],
  ])('of %s is %s', (url, local) => expect(isLocalAddress(url)).toBe(local))
})
