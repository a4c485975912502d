import { describe, expect, it } from 'vitest'
import { LinkPaths } from './link-paths.ts'
import type { UdpSocket } from './udp-sockets.ts'

const socket: UdpSocket = { address: '192.0.2.2', port: 4_000, send: () => {} }
const wifi = { address: '198.51.100.1', port: 5_000 }
const mobile = { address: '203.0.113.1', port: 6_000 }

describe('LinkPaths', () => {
  it('takes the first path that is checked, and the one that the browser nominates', () => {
    const paths = new LinkPaths()
    paths.onCheck(socket, wifi, { nominated: false, nowMs: 0 })
    expect(paths.selected).toMatchObject(wifi)
    paths.onCheck(socket, mobile, { nominated: false, nowMs: 10 })
    expect(paths.selected).toMatchObject(wifi)
    paths.onCheck(socket, mobile, { nominated: true, nowMs: 20 })
    expect(paths.selected).toMatchObject(mobile)
  })

  it('follows a browser whose address changed without a word', () => {
    const paths = new LinkPaths()
    paths.onCheck(socket, wifi, { nominated: true, nowMs: 0 })
    const { path } = paths.onCheck(socket, mobile, { nominated: false, nowMs: 2_600 })
    expect(paths.selected).toMatchObject(wifi)
    paths.onHeard(path, 4_000)
    expect(paths.selected).toMatchObject(mobile)
  })

  it('knows a path again, and forgets old ones rather than growing, never the one in use', () => {
    const paths = new LinkPaths()
    const first = paths.onCheck(socket, wifi, { nominated: true, nowMs: 0 }).path
    expect(paths.onCheck(socket, wifi, { nominated: false, nowMs: 1 }).path).toBe(first)
    const evicted = Array.from(
      { length: 100 },
      (_, port) => paths.onCheck(socket, { ...mobile, port }, { nominated: false, nowMs: 2 }).evicted?.port,
    ).filter((port) => port !== undefined)
    expect(paths.all()).toHaveLength(32)
    expect(evicted).toEqual(Array.from({ length: 69 }, (_, port) => port))
    expect(paths.selected).toBe(first)
    expect(paths.onCheck(socket, wifi, { nominated: false, nowMs: 3 }).path).toBe(first)
  })
})
