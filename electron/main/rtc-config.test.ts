import { expect, test } from 'vitest'
import { readRtcConfig } from './rtc-config.ts'

test('nothing is asked of anybody and nothing is announced, unless the environment says so', () => {
  expect(readRtcConfig({})).toEqual({ stunServers: [], announcedAddresses: [], portRange: null })
  expect(readRtcConfig({ ENGAWA_STUN_SERVERS: ' ', ENGAWA_RTC_PORT_RANGE: '' })).toEqual(readRtcConfig({}))
})

test('the values are those of the server’s relay', () => {
  expect(
    readRtcConfig({
      ENGAWA_STUN_SERVERS: 'stun:stun.example.org:3478, stun:[2001:db8::1]:3478',
      ENGAWA_RTC_ANNOUNCED_ADDRESS: '203.0.113.7',
      ENGAWA_RTC_PORT_RANGE: '40000-40100',
    }),
  ).toEqual({
    stunServers: ['stun.example.org:3478', '[2001:db8::1]:3478'],
    announcedAddresses: ['203.0.113.7'],
    portRange: [40_000, 40_100],
  })
})

test.each([
  ['ENGAWA_STUN_SERVERS', 'http://stun.example.org'],
  ['ENGAWA_STUN_SERVERS', 'stun:good.example.org, bad'],
  ['ENGAWA_RTC_ANNOUNCED_ADDRESS', 'talk.example.org'],
  ['ENGAWA_RTC_PORT_RANGE', '40000'],
  ['ENGAWA_RTC_PORT_RANGE', '0-10'],
  ['ENGAWA_RTC_PORT_RANGE', '40100-40000'],
  ['ENGAWA_RTC_PORT_RANGE', '40000-99999'],
])('a wrong %s is named in one sentence: %s', (name, value) => {
  expect(() => readRtcConfig({ [name]: value })).toThrow(
    new RegExp(`^The variable ${name} is ${JSON.stringify(value).replace(/[.[\]]/g, '.')}; it must be [^.]+\\.?.*\\.$`),
  )
})
