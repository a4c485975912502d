import { describe, expect, it } from 'vitest'
import { unfitOf } from './ipv6-flags.ts'

/** /proc/net/if_inet6: address, interface, prefix length, scope, flags, name. */
const line = (groups: string, flags: string) => `${groups.replaceAll(':', '')} 02 40 00 ${flags}     eth0\n`

describe('unfitOf', () => {
  it('leaves out what is temporary beside a stable one, deprecated, or not valid yet', () => {
    const table = [
      line('2001:0db8:0000:0001:0000:0000:0000:0005', '80'),
      line('2001:0db8:0000:0001:aaaa:0000:0000:0001', '01'),
      line('2001:0db8:0000:0001:aaaa:0000:0000:0002', '21'),
      line('2001:0db8:0000:0002:bbbb:0000:0000:0001', '01'),
      line('2001:0db8:0000:0003:0000:0000:0000:0001', 'c0'),
      line('2001:0db8:0000:0004:0000:0000:0000:0001', '20'),
      line('2001:0db8:0000:0004:0000:0000:0000:0002', '01'),
    ].join('')
    expect([...unfitOf(table)]).toEqual([
      '2001:db8:0:1:aaaa::1',
      '2001:db8:0:1:aaaa::2',
      '2001:db8:0:3::1',
      '2001:db8:0:4::1',
    ])
  })

  it('knows nothing of a table that is none', () => {
    expect([...unfitOf('')]).toEqual([])
    expect([...unfitOf('what\never 1 2 3')]).toEqual([])
  })
})
