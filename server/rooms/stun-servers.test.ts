import { expect, test } from 'vitest'
import { aRecord } from './room-fixtures.ts'
import { stunServersFor } from './stun-servers.ts'

const relays = { stunServers: ['stun:203.0.113.7:40000'] }
const onRelay = aRecord({ hosting: 'relay' })
const onDesktop = aRecord({ hosting: 'desktop' })

test('relays tell the pages of rooms on a person’s own computer where they are', () => {
  const servers = stunServersFor([], relays)
  expect(servers(onDesktop)).toEqual(relays.stunServers)
  expect(servers(onRelay)).toEqual([])
})

test('servers that the operator named are for every room', () => {
  const servers = stunServersFor(['stun:stun.example.org:3478'], relays)
  expect(servers(onDesktop)).toEqual(['stun:stun.example.org:3478'])
  expect(servers(onRelay)).toEqual(['stun:stun.example.org:3478'])
})
