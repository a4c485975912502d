import { describe, expect, it } from 'vitest'
import { readServerInfo } from './server-info.ts'

const UNKNOWN = { registration: 'open', lanUrls: [], publicUrl: null }

describe('readServerInfo', () => {
  it('reads what a server says', () => {
    const body = {
      name: 'engawa',
      version: '0.1.0',
      registration: 'closed',
      lanUrls: ['http://192.168.0.7:8420'],
      publicUrl: 'https://rooms.example.org/',
    }
    expect(readServerInfo(body)).toEqual({
      registration: 'closed',
      lanUrls: ['http://192.168.0.7:8420'],
      publicUrl: 'https://rooms.example.org',
    })
  })

  it.each([
    [null],
    ['busy'],
    [{ lanUrls: 'none', publicUrl: null }],
    [{ lanUrls: [7, 'javascript:alert(1)'], publicUrl: 'not an address' }],
  ])('takes nothing from %j', (body) => expect(readServerInfo(body)).toEqual(UNKNOWN))
})
