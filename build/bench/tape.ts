import path from 'node:path'
import process from 'node:process'
import { nanoid } from 'nanoid'
import { tapeIdSchema } from '../../sfu-core/contract/ids.ts'
import { TAPE_CHUNK_MS } from '../../sfu-core/contract/limits.ts'
import { cpuMsOf, descendantsOf } from '../harness/processes.ts'
import { startProgram, temporaryFolder } from '../harness/program.ts'
import { endChild, startChild } from './load/children.ts'
import { uploadChunks } from './load/chunk-uploads.ts'
import { type FlacChunk, speechChunks } from './load/flac-chunks.ts'
import { residentKb } from './load/memory.ts'
import { progress } from './load/progress.ts'
import { openTapedRoom } from './load/taped-room.ts'
import { type BenchOptions, type BenchReport, barAtMost, percentile, round } from './report.ts'

const SPEAKERS = 8
const HOUR_MS = 3_600_000
const QUARTERS = 4
/** So many different chunks of speech, again and again. */
const DIFFERENT_CHUNKS = 24

const FULL_MS = HOUR_MS
const QUICK_MS = HOUR_MS / 30

/** A tape costs the server less than half a hundredth of a core while it is recorded. */
const GOAL_CPU_S_PER_SPEAKER_HOUR = 18
/** Over writing and flushing alone: checks, database, signature. */
const GOAL_CPU_RATIO = 8
/** "Flat": what a heap moves by from one collection to the next. */
const GOAL_GROWTH_MB = 24

/**
 * Eight speakers hand in an hour of speech, as fast as the server takes it: what a speaker-hour costs the server and its database, and
 * whether its memory grows with what it has taken. Beside it a server that only hashes, writes and flushes the same files.
 */
export async function benchTape({ quick }: BenchOptions): Promise<BenchReport> {
  const lengthMs = quick ? QUICK_MS : FULL_MS
  const chunks = await speechChunks(DIFFERENT_CHUNKS)
  const engawa = await measureEngawa(chunks, lengthMs)
  const peer = await measurePeer(chunks, lengthMs)
  const ratio = round((engawa.cpuS + engawa.databaseCpuS) / peer.cpuS)
  const growthMb = round((engawa.quartersKb.at(-1) ?? 0) / 1024 - (engawa.quartersKb[0] ?? 0) / 1024)
  const perHour = (value: number) => round((value / SPEAKERS) * (HOUR_MS / lengthMs), 2)
  const row = (what: string, { cpuS, quartersKb, tookMs }: Measured) => ({
    what,
    'CPU s per speaker-hour': perHour(cpuS),
    'MB after each quarter': quartersKb.map((kb) => Math.round(kb / 1024)).join(' '),
    'p50 ms': round(percentile(tookMs, 0.5)),
    'p99 ms': round(percentile(tookMs, 0.99)),
  })
  return {
    bench: 'tape',
    rows: [
      row('Engawa: the server', engawa),
      { what: 'Engawa: its database', 'CPU s per speaker-hour': perHour(engawa.databaseCpuS) },
      row('hash, write, flush alone', peer),
      { what: 'sent for each speaker-hour, MB', 'CPU s per speaker-hour': perHour(sentBytes(chunks, lengthMs) / 1e6) },
    ],
    bars: [
      barAtMost('CPU of server and database per speaker-hour', perHour(engawa.cpuS + engawa.databaseCpuS), {
        goal: GOAL_CPU_S_PER_SPEAKER_HOUR,
        unit: 's',
      }),
      barAtMost('CPU over hashing, writing and flushing alone', ratio, { goal: GOAL_CPU_RATIO, unit: 'times' }),
      barAtMost('memory after the last quarter over that after the first', growthMb, {
        goal: GOAL_GROWTH_MB,
        unit: 'MB',
      }),
    ],
  }
}

interface Measured {
  cpuS: number
  quartersKb: number[]
  tookMs: number[]
}

async function measureEngawa(chunks: FlacChunk[], lengthMs: number): Promise<Measured & { databaseCpuS: number }> {
  const relayKey = `bench-${nanoid()}`
  await using folder = await temporaryFolder('bench-tape')
  const env = { ENGAWA_RELAY: 'off', ENGAWA_RELAY_KEY: relayKey, ENGAWA_LOG_LEVEL: 'warn', ENGAWA_HOST: '127.0.0.1' }
  const program = await startProgram({ dataFolder: folder.path, env })
  try {
    await using room = await openTapedRoom({ url: program.url, relayKey, speakers: SPEAKERS })
    const databaseMs = () => descendantsOf(program.pid).reduce((sum, pid) => sum + cpuMsOf(pid), 0)
    const databaseBeforeMs = databaseMs()
    const measured = await measure({ ...program, grants: room.grants, chunks, lengthMs })
    return { ...measured, databaseCpuS: (databaseMs() - databaseBeforeMs) / 1_000 }
  } finally {
    await program.stop()
  }
}

async function measurePeer(chunks: FlacChunk[], lengthMs: number): Promise<Measured> {
  await using folder = await temporaryFolder('bench-tape-peer')
  const script = path.join(import.meta.dirname, 'load/file-server.ts')
  const child = await startChild(process.execPath, [script, folder.path], {
    core: null,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  try {
    const port = await new Promise<number>((resolve) => {
      child.once('message', (message) => resolve((message as { port: number }).port))
    })
    const grants = Array.from({ length: SPEAKERS }, (_, i) => ({
      tapeId: tapeIdSchema.parse(`tape-${i}`),
      token: 'none',
    }))
    return await measure({ url: `http://127.0.0.1:${port}`, pid: child.pid, grants, chunks, lengthMs })
  } finally {
    await endChild(child)
  }
}

interface Plan {
  url: string
  pid: number
  grants: Parameters<typeof uploadChunks>[0]['grants']
  chunks: FlacChunk[]
  lengthMs: number
}

async function measure({ url, pid, grants, chunks, lengthMs }: Plan): Promise<Measured> {
  const count = chunkCount(lengthMs)
  const beforeMs = cpuMsOf(pid)
  const [quartersKb, tookMs]: [number[], number[]] = [[], []]
  for (let quarter = 0; quarter < QUARTERS; quarter++) {
    const [fromIndex, toIndex] = [quarter, quarter + 1].map((part) => Math.round((count * part) / QUARTERS))
    tookMs.push(...(await uploadChunks({ url, grants, chunks, fromIndex: fromIndex ?? 0, toIndex: toIndex ?? 0 })))
    quartersKb.push(residentKb(pid))
    progress(`  ${url}: quarter ${quarter + 1} of ${QUARTERS}: ${Math.round((quartersKb.at(-1) ?? 0) / 1024)} MB`)
  }
  return { cpuS: (cpuMsOf(pid) - beforeMs) / 1_000, quartersKb, tookMs }
}

function chunkCount(lengthMs: number): number {
  return Math.round(lengthMs / TAPE_CHUNK_MS)
}

function sentBytes(chunks: FlacChunk[], lengthMs: number): number {
  const meanBytes = chunks.reduce((sum, { flac }) => sum + flac.length, 0) / chunks.length
  return meanBytes * chunkCount(lengthMs) * SPEAKERS
}
