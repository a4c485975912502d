import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig, readRelayConfig, warningsFor } from './config.ts'
import { StartProblem } from './start-problem.ts'

describe('config', () => {
  it('has a sensible value for everything', () => {
    const config = readConfig({})
    expect(config).toMatchObject({ port: 8420, host: null, relay: true, registration: 'open', trustProxy: false })
    expect(config.dataFolder).toMatch(/data$/)
  })

  it('takes empty variables as absent', () => {
    expect(readConfig({ ENGAWA_PORT: '', DATABASE_URL: ' ' })).toMatchObject({ port: 8420, databaseUrl: null })
  })

  it.each([
    ['ENGAWA_PORT', 'abc', 'a port number from 0 to 65535'],
    ['ENGAWA_PORT', '70000', 'a port number from 0 to 65535'],
    ['ENGAWA_RELAY', 'yes', '"on" or "off"'],
    ['ENGAWA_PUBLIC_URL', 'talk.example.org', 'an http or https address'],
    ['DATABASE_URL', 'mysql://x', 'the address of a PostgreSQL database'],
    ['ENGAWA_RELAY_KEY', 'short', 'a secret of 20 characters or more'],
    ['ENGAWA_LOG_LEVEL', 'loud', 'one of fatal'],
    ['ENGAWA_RTC_PORT_RANGE', '50-40', 'two ports'],
    ['ENGAWA_RTC_ANNOUNCED_ADDRESS', 'host', 'an IP address'],
    ['ENGAWA_STUN_SERVERS', 'http://x', 'STUN addresses'],
    ['ENGAWA_STATS_PORT', 'on', '"off", or a port number'],
    ['ENGAWA_STATS_PORT', '65536', '"off", or a port number'],
    ['ENGAWA_STUDIO_JOBS', '0', 'a number from 1 to 16'],
    ['ENGAWA_REGISTRATION', 'maybe', '"open" or "closed"'],
    ['ENGAWA_TAPE_QUOTA_TAKE_GB', '-1', 'a number of gigabytes'],
    ['ENGAWA_TAPE_QUOTA_PERSON_GB', '5 GB', 'a number of gigabytes'],
    ['ENGAWA_TAPE_QUOTA_SERVER_GB', 'none', '"off", or a number of gigabytes'],
    ['ENGAWA_MIN_FREE_DISK_GB', 'x', 'a number of gigabytes'],
  ])('names %s=%s as wrong and says what is right', (name, value, right) => {
    expect(() => readConfig({ [name]: value })).toThrow(StartProblem)
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`The variable ${name} is .*; it must be ${right}`))
  })

  it('does not repeat secrets', () => {
    expect(() => readConfig({ DATABASE_URL: 'mysql://u:hunter22@h/d' })).toThrow(/^(?!.*hunter22)/)
  })

  it('reads the trust in proxies in all its forms', () => {
    const trust = (value: string) => readConfig({ ENGAWA_TRUST_PROXY: value }).trustProxy
    expect([trust('on'), trust('off'), trust('2'), trust('10.0.0.0/8')]).toEqual([true, false, 2, '10.0.0.0/8'])
  })

  it('has a stats page unless told otherwise, and a packet dump only when told so', () => {
    const needed = { ENGAWA_RELAY_KEY: 'x'.repeat(20), ENGAWA_NODE_NAME: 'n' }
    const relay = (env: Record<string, string>) => readRelayConfig({ ...needed, ...env }, true)
    expect(relay({})).toMatchObject({ statsPort: 8480, packetDumpFile: null })
    expect(relay({ ENGAWA_STATS_PORT: 'off' }).statsPort).toBe('off')
    expect(relay({ ENGAWA_STATS_PORT: '0' }).statsPort).toBe(0)
    expect(relay({ ENGAWA_PACKET_DUMP: 'a.pcap' }).packetDumpFile).toBe(path.resolve('a.pcap'))
  })

  it('has room for tapes unless told otherwise', () => {
    const quotas = { takeBytes: 50e9, personBytes: 200e9, serverBytes: null, minFreeBytes: 1e9 }
    expect(readConfig({}).tapeQuotas).toEqual(quotas)
    const told = {
      ENGAWA_TAPE_QUOTA_TAKE_GB: '0.5',
      ENGAWA_TAPE_QUOTA_SERVER_GB: '1000',
      ENGAWA_MIN_FREE_DISK_GB: '0',
    }
    expect(readConfig(told).tapeQuotas).toEqual({ ...quotas, takeBytes: 5e8, serverBytes: 1e12, minFreeBytes: 0 })
    expect(readConfig({ ENGAWA_TAPE_QUOTA_SERVER_GB: 'off' }).tapeQuotas.serverBytes).toBeNull()
  })

  it('says which variable a relay lacks', () => {
    expect(() => readRelayConfig({}, false)).toThrow(/The variable ENGAWA_SERVER_URL is missing/)
  })

  it('warns of unknown variables and guesses what was meant', () => {
    expect(warningsFor({ ENGAWA_PROT: '1', PATH: 'x', ENGAWA_PORT: '1' })).toEqual([
      'The variable ENGAWA_PROT is not known and has no effect. Did you mean ENGAWA_PORT?',
    ])
  })
})
