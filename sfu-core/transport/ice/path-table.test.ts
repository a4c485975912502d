import { describe, expect, it } from 'vitest'
import type { LinkPath } from './link-paths.ts'
import { LinkPaths } from './link-paths.ts'
import { PathTable } from './path-table.ts'
import type { UdpSocket } from './udp-sockets.ts'

const socketAt = (address: string): UdpSocket => ({ address, port: 4_000, send: () => {} })
const first = socketAt('192.0.2.2')
const second = socketAt('192.0.2.3')
const pathOf = (socket: UdpSocket, address: string, port: number): LinkPath =>
  new LinkPaths().learn(socket, { address, port }, 0).path

describe('PathTable', () => {
  it('tells peers apart by socket, address and port', () => {
    const table = new PathTable<string>()
    table.set(pathOf(first, '198.51.100.1', 5_000), 'a')
    table.set(pathOf(first, '198.51.100.2', 5_000), 'b')
    table.set(pathOf(second, '198.51.100.1', 5_000), 'c')
    expect(table.find(first, { address: '198.51.100.1', port: 5_000 })?.owner).toBe('a')
    expect(table.find(first, { address: '198.51.100.2', port: 5_000 })?.owner).toBe('b')
    expect(table.find(second, { address: '198.51.100.1', port: 5_000 })?.owner).toBe('c')
    expect(table.find(second, { address: '198.51.100.2', port: 5_000 })).toBeNull()
    expect(table.find(first, { address: '198.51.100.1', port: 5_001 })).toBeNull()
    expect(table.size).toBe(3)
  })

  it('gives an address to its newest owner, and the old one cannot take it away', () => {
    const table = new PathTable<string>()
    const old = pathOf(first, '198.51.100.1', 5_000)
    const now = pathOf(first, '198.51.100.1', 5_000)
    table.set(old, 'old')
    table.set(now, 'new')
    table.delete(old, 'old')
    expect(table.find(first, { address: '198.51.100.1', port: 5_000 })).toMatchObject({ owner: 'new', path: now })
    expect(table.size).toBe(1)
    table.delete(now, 'new')
    expect(table.find(first, { address: '198.51.100.1', port: 5_000 })).toBeNull()
    expect(table.size).toBe(0)
  })
})
