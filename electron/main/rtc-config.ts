import * as z from 'zod'

/** How browsers reach rooms hosted here, where the computer is behind a router. The names are those of the server's relay. */
export interface RtcConfig {
  /** `host:port` or `host`, without `stun:`. */
  stunServers: string[]
  /** Public addresses that forward to this computer. */
  announcedAddresses: string[]
  /** UDP ports, both ends included; null: any. */
  portRange: [min: number, max: number] | null
}

const stunServers = z
  .string()
  .transform((value) => value.split(/[\s,]+/).filter((part) => part !== ''))
  .pipe(z.array(z.string().regex(/^stuns?:[^\s/]+$/)))
  .transform((servers) => servers.map((server) => server.replace(/^stuns?:/, '')))

const announcedAddress = z.union([z.ipv4(), z.ipv6()]).transform((address) => [address])

const portRange = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/)
  .transform((value): [number, number] => {
    const [min = 0, max = 0] = value.split('-').map(Number)
    return [min, max]
  })
  .refine(([min, max]) => min >= 1 && min <= max && max <= 65_535)

/** @throws Error with one sentence that names the wrong variable and what is right. */
export function readRtcConfig(env: NodeJS.ProcessEnv): RtcConfig {
  const read = <T>(name: string, schema: z.ZodType<T>, right: string): T | null => {
    const given = env[name]?.trim() ?? ''
    if (given === '') return null
    const parsed = schema.safeParse(given)
    if (parsed.success) return parsed.data
    throw new Error(`The variable ${name} is ${JSON.stringify(given.slice(0, 80))}; it must be ${right}.`)
  }
  return {
    stunServers:
      read(
        'ENGAWA_STUN_SERVERS',
        stunServers,
        'STUN addresses with commas between, for example stun:stun.example.org:3478',
      ) ?? [],
    announcedAddresses:
      read(
        'ENGAWA_RTC_ANNOUNCED_ADDRESS',
        announcedAddress,
        'an IP address that browsers can reach, for example 203.0.113.7',
      ) ?? [],
    portRange: read('ENGAWA_RTC_PORT_RANGE', portRange, 'two ports with a dash between, for example 40000-40100'),
  }
}
