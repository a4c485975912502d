import { describe, expect, it } from 'vitest'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import { inviteCodeIn, inviteLink, isLocalAddress } from './invite-link.ts'

const roomId = 'abc' as RoomId

describe('inviteLink', () => {
  it('is the address of the room, with the code where there is one', () => {
    expect(inviteLink('https://e.example', { roomId, inviteCode: null })).toBe('https://e.example/r/abc')
    expect(inviteLink('https://e.example', { roomId, inviteCode: 'x-1' })).toBe('https://e.example/r/abc?invite=x-1')
  })
})

describe('inviteCodeIn', () => {
  it.each([
    ['https://e.example/r/abc?invite=x-1', 'x-1'],
    ['  x-1 ', 'x-1'],
    ['https://e.example/r/abc', ''],
    ['?other=1', ''],
    ['', ''],
  ])('of %j is %j', (pasted, code) => expect(inviteCodeIn(pasted)).toBe(code))
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
