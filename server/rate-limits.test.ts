import { describe, expect, it } from 'vitest'
import { nodeIdSchema } from '../sfu-core/contract/ids.ts'
import { JOINS_PER_ADDRESS_PER_MINUTE } from '../sfu-core/contract/limits.ts'
import { callCounter } from './http/connections.ts'
import { CALLS_PER_DESKTOP_NODE_PER_10_S, ENROLMENTS_PER_PERSON_PER_HOUR } from './limits.ts'
import { addressKey, createRateLimits } from './rate-limits.ts'

describe('rate limits', () => {
  it('let a class pass and refuse a flood, saying how long to wait', async () => {
    const limits = createRateLimits()
    for (let n = 0; n < JOINS_PER_ADDRESS_PER_MINUTE; n += 1) await limits.join('192.0.2.1')
    await expect(limits.join('192.0.2.1')).rejects.toMatchObject({ code: 'too-many-requests' })
    await expect(limits.join('::ffff:192.0.2.1')).rejects.toHaveProperty('retryAfterMs', expect.any(Number))
    await expect(limits.join('192.0.2.2')).resolves.toBeUndefined()
  })

  it('a desktop node’s calls are counted over its lines, a relay’s are not', async () => {
    const limits = createRateLimits()
    const desktop = { kind: 'desktop', nodeId: nodeIdSchema.parse('d1'), ownerId: 'u' } as const
    const [first, second] = [callCounter(limits, 'c1', desktop), callCounter(limits, 'c2', desktop)]
    for (let n = 0; n < CALLS_PER_DESKTOP_NODE_PER_10_S; n += 1) await (n % 2 === 0 ? first : second)()
    await expect(first()).rejects.toMatchObject({ code: 'too-many-requests' })
    await expect(second()).rejects.toMatchObject({ code: 'too-many-requests' })
    const relay = callCounter(limits, 'c3', { kind: 'relay' })
    for (let n = 0; n <= CALLS_PER_DESKTOP_NODE_PER_10_S; n += 1) await relay()
  })

  it('an account enrols a bounded number of computers in an hour', async () => {
    const limits = createRateLimits()
    for (let n = 0; n < ENROLMENTS_PER_PERSON_PER_HOUR; n += 1) await limits.enrol('u1')
    await expect(limits.enrol('u1')).rejects.toMatchObject({ code: 'too-many-requests' })
    await expect(limits.enrol('u2')).resolves.toBeUndefined()
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0db8:1:2::9', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('take %s as %s', (address, key) => {
    expect(addressKey(address)).toBe(key)
  })
})
