import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openServerConnection } from './server-connection.ts'

const said: string[] = []

vi.mock('../../server/contract/client.ts', () => ({
  createServerClient: () => ({
    api: { people: { me: { query: async () => null } } },
    close: async () => void said.push('closed'),
  }),
}))

beforeEach(() => {
  said.length = 0
  vi.useFakeTimers()
  vi.stubGlobal('localStorage', { removeItem: () => undefined })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const open = () => openServerConnection({ serverUrl: 'http://here', bearer: false })

describe('a change of identity', () => {
  it('bug: signing out replaced the client before the room was left', async () => {
    const connection = open()
    const before = connection.client
    connection.beforeIdentityChange(async () => {
      expect(connection.client).toBe(before)
      said.push('left')
    })
    await connection.identityChanged(null)
    expect(said).toEqual(['left', 'closed'])
    expect(connection.client).not.toBe(before)
  })

  it('does not wait for ever, nor for who has gone', async () => {
    const connection = open()
    const gone = vi.fn(async () => undefined)
    connection.beforeIdentityChange(gone)()
    connection.beforeIdentityChange(() => new Promise(() => undefined))
    const changed = connection.identityChanged(null)
    await vi.advanceTimersByTimeAsync(1_500)
    await changed
    expect(gone).not.toHaveBeenCalled()
    expect(said).toEqual(['closed'])
  })

  it('goes on if the farewell fails', async () => {
    const connection = open()
    connection.beforeIdentityChange(() => Promise.reject(new Error('offline')))
    await connection.identityChanged(null)
    expect(said).toEqual(['closed'])
  })
})
