import { availableParallelism, homedir } from 'node:os'
import path from 'node:path'
import * as z from 'zod'
import { MIN_FREE_DISK_BYTES, TAPE_QUOTA_PERSON_BYTES, TAPE_QUOTA_TAKE_BYTES } from './limits.ts'
import { StartProblem } from './start-problem.ts'

/** Everything that the environment decides, read once. */
export interface Config {
  /** The one folder with everything that lasts. Absolute. */
  dataFolder: string
  /** null: all interfaces, IPv6 and IPv4. */
  host: string | null
  /** 0: any free port. */
  port: number
  /** The origin that people type, e.g. `https://talk.example.org`; null: taken from each request. */
  publicUrl: string | null
  /** null: the embedded PostgreSQL in the data folder. */
  databaseUrl: string | null
  /** Run a relay beside the server. */
  relay: boolean
  /** null: generated once in the data folder. */
  relayKey: string | null
  logLevel: LogLevel
  /** Whose X-Forwarded-* headers count: nobody's, everybody's, that many hops', or those addresses'. */
  trustProxy: boolean | number | string
  /** Told to pages, so that they learn their public address: `stun:` URLs; empty where the relays answer for it. */
  stunServers: readonly string[]
  registration: 'open' | 'closed'
  tapeQuotas: TapeQuotaConfig
  /** Jobs of the studio (mixes, exports) that run at once. */
  studioJobs: number
}

/** How much room tapes may take. */
export interface TapeQuotaConfig {
  /** All tapes of one take. */
  takeBytes: number
  /** All tapes of one account, or of one guest. */
  personBytes: number
  /** All tapes; null: as much as the disk has. */
  serverBytes: number | null
  /** No chunk is taken that would leave less free on the disk. */
  minFreeBytes: number
}

export interface RtcConfig {
  /** UDP ports for media; null: any. */
  portRange: { min: number; max: number } | null
  /** Told to browsers in place of the machine's own address (behind NAT); null: none. */
  announcedAddress: string | null
  /** e.g. `stun:stun.example.org:3478`. */
  stunServers: string[]
  /** 0: media on the relay's one thread. */
  mediaThreads: number
  /** Many datagrams to the kernel in one call, where the system can. */
  batchedSends: boolean
}

export interface RelayConfig {
  /** null: the server that started this relay tells it when it listens. */
  serverUrl: string | null
  relayKey: string
  nodeName: string
  dataFolder: string
  logLevel: LogLevel
  rtc: RtcConfig
  /** Of the stats page, on loopback; 0: any free one. */
  statsPort: number | 'off'
  /** A pcap file for what people say, in the clear. */
  packetDumpFile: string | null
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
export type Environment = Readonly<Record<string, string | undefined>>

/** The data folder of a clone. A packaged program sets ENGAWA_DATA. */
const CLONE_DATA_FOLDER = path.join(import.meta.dirname, '..', 'data')
const DEFAULT_PORT = 8420
const DEFAULT_STATS_PORT = 8480
/** What a relay key must have at least: it opens the server to a node. `nanoid`'s default strength is 21. */
const RELAY_KEY_MIN_CHARS = 20
/** More cores than this are not used for media: the rooms' one thread feeds them all. */
const MEDIA_THREADS_MAX = 32
/** More at once would only take memory from each other. */
const STUDIO_JOBS_MAX = 16
/** With fewer, one thread does it all: a second would share its core with the rooms. */
const THREADS_FROM_CORES = 3

const onOff = z.enum(['on', 'off']).transform((value) => value === 'on')
const httpOrigin = z.url({ protocol: /^https?$/ }).transform((value) => new URL(value).origin)
const portRange = z.string().transform((value, context) => {
  const found = /^(\d{1,5})-(\d{1,5})$/.exec(value)
  const [min, max] = [Number(found?.[1]), Number(found?.[2])]
  if (found !== null && min >= 1 && min <= max && max <= 65_535) return { min, max }
  context.addIssue('not a range')
  return z.NEVER
})
const proxyTrust = z.string().transform((value): boolean | number | string => {
  if (value === 'on' || value === 'true') return true
  if (value === 'off' || value === 'false') return false
  return /^\d+$/.test(value) ? Number(value) : value
})
const stunServers = z.string().transform((value, context) => {
  const servers = value.split(/[\s,]+/).filter((part) => part !== '')
  if (servers.every((server) => /^stuns?:[^\s/]+$/.test(server))) return servers
  context.addIssue('not STUN addresses')
  return z.NEVER
})

const gigabytes = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .transform((value) => Math.round(Number(value) * 1e9))

interface Variable<T> {
  schema: z.ZodType<T, string>
  /** Goes on from "it must be ". */
  right: string
}

const variable = <T>(schema: z.ZodType<T, string>, right: string): Variable<T> => ({ schema, right })
const text = (right: string) => variable(z.string().min(1), right)

const VARIABLES = {
  ENGAWA_DATA: text('the path of a folder'),
  ENGAWA_HOST: text('an address of this machine, for example 127.0.0.1'),
  ENGAWA_PORT: variable(
    z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(0).max(65_535)),
    'a port number from 0 to 65535 (0 takes any free port)',
  ),
  ENGAWA_PUBLIC_URL: variable(httpOrigin, 'an http or https address, for example https://talk.example.org'),
  DATABASE_URL: variable(
    z.url({ protocol: /^postgres(ql)?$/ }),
    'the address of a PostgreSQL database, for example postgres://name:password@localhost:5432/engawa',
  ),
  ENGAWA_RELAY: variable(onOff, '"on" or "off"'),
  ENGAWA_RELAY_KEY: variable(
    z.string().min(RELAY_KEY_MIN_CHARS),
    `a secret of ${RELAY_KEY_MIN_CHARS} characters or more`,
  ),
  ENGAWA_LOG_LEVEL: variable(z.enum(LOG_LEVELS), `one of ${LOG_LEVELS.join(', ')}`),
  ENGAWA_TRUST_PROXY: variable(proxyTrust, '"on", "off", a number of proxies, or their addresses'),
  ENGAWA_RTC_PORT_RANGE: variable(portRange, 'two ports with a dash between, for example 40000-40100'),
  ENGAWA_RTC_ANNOUNCED_ADDRESS: variable(
    z.union([z.ipv4(), z.ipv6()]),
    'an IP address that browsers can reach, for example 203.0.113.7',
  ),
  ENGAWA_STUN_SERVERS: variable(
    stunServers,
    'STUN addresses with commas between, for example stun:stun.example.org:3478',
  ),
  ENGAWA_BATCHED_SENDS: variable(onOff, '"on" or "off"'),
  ENGAWA_MEDIA_THREADS: variable(
    z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(0).max(MEDIA_THREADS_MAX)),
    `a number of threads from 0 (all on one) to ${MEDIA_THREADS_MAX}`,
  ),
  ENGAWA_STATS_PORT: variable(
    z.union([z.literal('off'), z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(0).max(65_535))]),
    '"off", or a port number from 0 to 65535 (0 takes any free port)',
  ),
  ENGAWA_PACKET_DUMP: text('the path of a file that is not there yet'),
  ENGAWA_TAPE_QUOTA_TAKE_GB: variable(gigabytes, 'a number of gigabytes, for example 50'),
  ENGAWA_TAPE_QUOTA_PERSON_GB: variable(gigabytes, 'a number of gigabytes, for example 200'),
  ENGAWA_TAPE_QUOTA_SERVER_GB: variable(
    z.union([z.literal('off').transform(() => null), gigabytes]),
    '"off", or a number of gigabytes, for example 1000',
  ),
  ENGAWA_MIN_FREE_DISK_GB: variable(gigabytes, 'a number of gigabytes, for example 1'),
  ENGAWA_STUDIO_JOBS: variable(
    z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(1).max(STUDIO_JOBS_MAX)),
    `a number from 1 to ${STUDIO_JOBS_MAX}`,
  ),
  ENGAWA_REGISTRATION: variable(z.enum(['open', 'closed']), '"open" or "closed"'),
  ENGAWA_SERVER_URL: variable(httpOrigin, "the server's address, for example http://localhost:8420"),
  ENGAWA_NODE_NAME: variable(z.string().trim().min(1).max(120), 'a name of 1 to 120 characters'),
} as const

type VariableName = keyof typeof VARIABLES
type ValueOf<N extends VariableName> = (typeof VARIABLES)[N] extends Variable<infer T> ? T : never

/** How variables begin that tests and packaging read: not typing errors. */
const FOREIGN_PREFIXES = ['ENGAWA_TEST_', 'ENGAWA_ELECTRON_']

/** One variable's value, or null where it is absent or empty. @throws StartProblem naming the variable and what is right. */
function read<N extends VariableName>(env: Environment, name: N): ValueOf<N> | null {
  const given = env[name]
  if (given === undefined || given.trim() === '') return null
  const { schema, right } = VARIABLES[name]
  const result = schema.safeParse(given.trim())
  if (result.success) return result.data as ValueOf<N>
  throw new StartProblem(`The variable ${name} is ${shown(name, given)}; it must be ${right}.`)
}

/** Secrets are not repeated on the screen. */
function shown(name: VariableName, value: string): string {
  const secret = name === 'DATABASE_URL' || name === 'ENGAWA_RELAY_KEY'
  return secret ? 'not understood' : JSON.stringify(value.slice(0, 80))
}

function folderOf(env: Environment): string {
  const given = read(env, 'ENGAWA_DATA')
  if (given === null) return path.resolve(CLONE_DATA_FOLDER)
  return path.resolve(given.replace(/^~(?=$|\/)/, homedir()))
}

/** @throws StartProblem naming the first wrong variable. */
export function readConfig(env: Environment): Config {
  // The relay child reads these itself; checked here too, so that a mistake is told at once.
  const { stunServers } = readRtcConfig(env, true)
  readInsightConfig(env)
  return {
    stunServers,
    dataFolder: folderOf(env),
    host: read(env, 'ENGAWA_HOST'),
    port: read(env, 'ENGAWA_PORT') ?? DEFAULT_PORT,
    publicUrl: read(env, 'ENGAWA_PUBLIC_URL'),
    databaseUrl: read(env, 'DATABASE_URL'),
    relay: read(env, 'ENGAWA_RELAY') ?? true,
    relayKey: read(env, 'ENGAWA_RELAY_KEY'),
    logLevel: read(env, 'ENGAWA_LOG_LEVEL') ?? 'info',
    trustProxy: read(env, 'ENGAWA_TRUST_PROXY') ?? false,
    registration: read(env, 'ENGAWA_REGISTRATION') ?? 'open',
    tapeQuotas: readTapeQuotas(env),
    studioJobs: read(env, 'ENGAWA_STUDIO_JOBS') ?? 1,
  }
}

function readTapeQuotas(env: Environment): TapeQuotaConfig {
  return {
    takeBytes: read(env, 'ENGAWA_TAPE_QUOTA_TAKE_GB') ?? TAPE_QUOTA_TAKE_BYTES,
    personBytes: read(env, 'ENGAWA_TAPE_QUOTA_PERSON_GB') ?? TAPE_QUOTA_PERSON_BYTES,
    serverBytes: read(env, 'ENGAWA_TAPE_QUOTA_SERVER_GB'),
    minFreeBytes: read(env, 'ENGAWA_MIN_FREE_DISK_GB') ?? MIN_FREE_DISK_BYTES,
  }
}

/** A relay of its own leaves one core to rooms and recordings; the one beside a server shares its machine. */
function defaultMediaThreads(besideServer: boolean): number {
  const cores = availableParallelism()
  return besideServer || cores < THREADS_FROM_CORES ? 0 : Math.min(cores - 1, MEDIA_THREADS_MAX)
}

function readRtcConfig(env: Environment, besideServer: boolean): RtcConfig {
  return {
    batchedSends: read(env, 'ENGAWA_BATCHED_SENDS') ?? true,
    mediaThreads: read(env, 'ENGAWA_MEDIA_THREADS') ?? defaultMediaThreads(besideServer),
    portRange: read(env, 'ENGAWA_RTC_PORT_RANGE'),
    announcedAddress: read(env, 'ENGAWA_RTC_ANNOUNCED_ADDRESS'),
    stunServers: read(env, 'ENGAWA_STUN_SERVERS') ?? [],
  }
}

/** @throws StartProblem naming the first wrong or missing variable. */
export function readRelayConfig(env: Environment, besideServer: boolean): RelayConfig {
  return {
    serverUrl: besideServer ? null : (read(env, 'ENGAWA_SERVER_URL') ?? missing('ENGAWA_SERVER_URL')),
    relayKey: read(env, 'ENGAWA_RELAY_KEY') ?? missing('ENGAWA_RELAY_KEY'),
    nodeName: read(env, 'ENGAWA_NODE_NAME') ?? missing('ENGAWA_NODE_NAME'),
    dataFolder: folderOf(env),
    logLevel: read(env, 'ENGAWA_LOG_LEVEL') ?? 'info',
    rtc: readRtcConfig(env, besideServer),
    ...readInsightConfig(env),
  }
}

function readInsightConfig(env: Environment): Pick<RelayConfig, 'statsPort' | 'packetDumpFile'> {
  const packetDumpFile = read(env, 'ENGAWA_PACKET_DUMP')
  return {
    statsPort: read(env, 'ENGAWA_STATS_PORT') ?? DEFAULT_STATS_PORT,
    packetDumpFile: packetDumpFile && path.resolve(packetDumpFile),
  }
}

function missing(name: VariableName): never {
  throw new StartProblem(`The variable ${name} is missing; it must be ${VARIABLES[name].right}.`)
}

/** A warning for each ENGAWA_ variable that nobody reads, with the name that was probably meant. */
export function warningsFor(env: Environment): string[] {
  const known = Object.keys(VARIABLES)
  return Object.keys(env)
    .filter((name) => name.startsWith('ENGAWA_') && !known.includes(name))
    .filter((name) => !FOREIGN_PREFIXES.some((prefix) => name.startsWith(prefix)))
    .map((name) => `The variable ${name} is not known and has no effect.${hintFor(name, known)}`)
}

function hintFor(name: string, known: string[]): string {
  const nearest = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .reduce((best, next) => (next.distance < best.distance ? next : best))
  return nearest.distance <= 3 ? ` Did you mean ${nearest.candidate}?` : ''
}

/** Levenshtein's distance: how many letters to put in, take out or change. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...to].entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
