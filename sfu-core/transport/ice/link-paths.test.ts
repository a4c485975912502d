import { describe, expect, it } from 'vitest'
import { type LinkPath, LinkPaths, MAX_PATHS } from './link-paths.ts'
import { LIVENESS } from './liveness.ts'
import type { UdpSocket } from './udp-sockets.ts'

const socket: UdpSocket = { address: '192.0.2.2', port: 4_000, send: () => {} }
const wifi = { address: '198.51.100.1', port: 5_000 }
const mobile = { address: '203.0.113.1', port: 6_000 }

/** A check from `remote`; gives its path. */
function check(paths: LinkPaths, remote: typeof wifi, at: { nowMs: number; nominated?: boolean }): LinkPath {
  const { path } = paths.learn(socket, remote, at.nowMs)
  paths.onCheck(path, { nominated: at.nominated ?? false, nowMs: at.nowMs })
  return path
}

describe('LinkPaths', () => {
  it('takes the first path that is checked, at once', () => {
    const paths = new LinkPaths()
    check(paths, wifi, { nowMs: 0 })
    expect(paths.selected).toMatchObject(wifi)
  })

  it('moves to the path that the browser nominates, once that path has answered', () => {
    const paths = new LinkPaths()
    check(paths, wifi, { nowMs: 0, nominated: true })
    const other = check(paths, mobile, { nowMs: 10, nominated: true })
    expect(paths.selected).toMatchObject(wifi)
    paths.onConsent(other, 60)
    expect(paths.selected).toMatchObject(mobile)
  })

  it('moves by a nomination at once where the path has answered before', () => {
    const paths = new LinkPaths()
    check(paths, wifi, { nowMs: 0, nominated: true })
    paths.onConsent(check(paths, mobile, { nowMs: 10 }), 20)
    expect(paths.selected).toMatchObject(wifi)
    check(paths, mobile, { nowMs: 30, nominated: true })
    expect(paths.selected).toMatchObject(mobile)
  })

  it('goes by the latest nomination, in whatever order the answers come', () => {
    const paths = new LinkPaths()
    const first = check(paths, wifi, { nowMs: 0, nominated: true })
    paths.onConsent(first, 1)
    const other = check(paths, mobile, { nowMs: 10, nominated: true })
    check(paths, wifi, { nowMs: 20, nominated: true })
    paths.onConsent(other, 60)
    expect(paths.selected).toBe(first)
  })

  it('selects nothing because of an answer to a check of its own', () => {
    const paths = new LinkPaths()
    paths.onConsent(paths.learn(socket, wifi, 0).path, 0)
    expect(paths.selected).toBeNull()
  })

  it('does not send media to an address that was named by a forged source and never answers', () => {
    const paths = new LinkPaths()
    const own = check(paths, wifi, { nowMs: 0, nominated: true })
    paths.onConsent(own, 10)
    for (let nowMs = 100; nowMs < 60_000; nowMs += 100) {
      const stranger = check(paths, mobile, { nowMs, nominated: true })
      paths.onAsked(stranger, nowMs)
      paths.tick(nowMs)
      expect(paths.selected).not.toBe(stranger)
    }
  })

  it('leaves a path without consent after thirty seconds, though checks keep coming from there', () => {
    const paths = new LinkPaths()
    const path = check(paths, wifi, { nowMs: 0, nominated: true })
    for (let nowMs = 500; nowMs < LIVENESS.closedAfterMs; nowMs += 500) {
      check(paths, wifi, { nowMs, nominated: true })
      paths.tick(nowMs)
      expect(paths.selected).toBe(path)
    }
    paths.tick(LIVENESS.closedAfterMs)
    expect(paths.selected).toBeNull()
  })

  it('follows a browser whose address changed without a word', () => {
    const paths = new LinkPaths()
    check(paths, wifi, { nowMs: 0, nominated: true })
    const other = check(paths, mobile, { nowMs: 2_600 })
    paths.onConsent(other, 2_650)
    expect(paths.selected).toMatchObject(wifi)
    paths.onHeard(other, 4_000)
    expect(paths.selected).toMatchObject(mobile)
  })

  it('follows sooner where the selected path leaves a question unanswered', () => {
    const paths = new LinkPaths()
    const first = check(paths, wifi, { nowMs: 0, nominated: true })
    paths.onAsked(first, 200)
    paths.onConsent(check(paths, mobile, { nowMs: 500 }), 600)
    paths.tick(1_600)
    expect(paths.selected).toBe(first)
    paths.tick(1_800)
    expect(paths.selected).toMatchObject(mobile)
  })

  it('knows a path again, and forgets the longest silent one rather than growing, never the one in use', () => {
    const paths = new LinkPaths()
    const first = check(paths, wifi, { nowMs: 0, nominated: true })
    expect(check(paths, wifi, { nowMs: 1 })).toBe(first)
    const evicted = Array.from(
      { length: 100 },
      (_, port) => paths.learn(socket, { ...mobile, port }, 2 + port).evicted?.port,
    ).filter((port) => port !== undefined)
    expect(paths.all).toHaveLength(MAX_PATHS)
    expect(evicted).toEqual(Array.from({ length: 101 - MAX_PATHS }, (_, port) => port))
    expect(paths.selected).toBe(first)
    expect(check(paths, wifi, { nowMs: 200 })).toBe(first)
  })
})
