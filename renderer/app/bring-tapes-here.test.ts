import { expect, test, vi } from 'vitest'
import type { DesktopBridge, HostingStatus } from '../../electron/contract/bridge.ts'
import { bringTapesHere } from './bring-tapes-here.ts'
import type { ServerConnection } from './server-connection.ts'

function computer({ tapes, status = { state: 'off' } }: { tapes: number; status?: HostingStatus }) {
  const waiting = vi.fn(async () => ({ tapes }))
  const enroll = vi.fn(async () => ({ nodeId: 'node-1', nodeToken: 'token-1' }))
  const start = vi.fn(async () => status)
  const client = { nodes: { waiting: { query: waiting }, enroll: { mutate: enroll } } }
  const connection = { client, serverUrl: 'https://engawa.example' } as unknown as ServerConnection
  const bridge = { hosting: { status: async () => status, start } } as unknown as DesktopBridge
  return { waiting, enroll, start, options: { connection, bridge, computer: 'My PC' } }
}

test('where something waits for this computer, the hosting process is started', async () => {
  const { options, waiting, start } = computer({ tapes: 2 })
  expect(await bringTapesHere(options)).toBe(true)
  expect(waiting).toHaveBeenCalledWith({ name: 'My PC' })
  expect(start).toHaveBeenCalledWith({ serverUrl: 'https://engawa.example', nodeToken: 'token-1' })
})

test('where nothing waits, or it runs already, nothing is started', async () => {
  const none = computer({ tapes: 0 })
  expect(await bringTapesHere(none.options)).toBe(false)
  expect(none.enroll).not.toHaveBeenCalled()
  const status = { state: 'hosting', nodeId: 'node-1', pid: 1, startedAtMs: 0, rooms: 1 } as const
  const runs = computer({ tapes: 2, status })
  expect(await bringTapesHere(runs.options)).toBe(false)
  expect(runs.waiting).not.toHaveBeenCalled()
})
