import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { NO_EDITS } from '../../../sfu-core/contract/edits.ts'
import type { LocalJob } from '../../contract/studio.ts'
import type { StudioTask } from '../../studio-host/messages.ts'
import { safeTitle } from './export-names.ts'
import { LocalStudio, type StudioProcessEvents } from './local-studio.ts'

const REPORT = {
  version: 1,
  takeId: 'take-1',
  roomTitle: 'Tea: at five/../?',
  startedAtMs: 0,
  lengthMs: 1_000,
  madeAtMs: 1,
  tracks: [],
}

function studio({ assembled = true } = {}) {
  const takesFolder = mkdtempSync(path.join(tmpdir(), 'engawa-studio-'))
  const takeFolder = path.join(takesFolder, 'room-1', 'take-1')
  mkdirSync(path.join(takeFolder, 'studio'), { recursive: true })
  writeFileSync(path.join(takeFolder, 'take.json'), '{}')
  if (assembled) {
    writeFileSync(path.join(takeFolder, 'studio', 'take-report.json'), JSON.stringify(REPORT))
    writeFileSync(path.join(takeFolder, 'studio', 'assembled.json'), '{"chunkCount":0}')
  }
  const runs: { task: StudioTask; events: StudioProcessEvents; said: string[] }[] = []
  const jobs: LocalJob[] = []
  const waits: (() => void)[] = []
  const local = new LocalStudio({
    takesFolder,
    startProcess: (task, events) => {
      const said: string[] = []
      runs.push({ task, events, said })
      return { abort: () => void said.push('abort'), kill: () => void said.push('kill') }
    },
    onJob: (job) => jobs.push(job),
    nowMs: () => 7,
    after: (_delayMs, call) => {
      waits.push(call)
      return () => void waits.splice(waits.indexOf(call), 1)
    },
    log: () => {},
  })
  return { local, runs, jobs, waits, takeFolder }
}

test('a take that is not here is not put together', async () => {
  const { local } = studio()
  expect(await local.take('take-2')).toBeNull()
  await expect(local.start('take-2', { kind: 'assemble' })).rejects.toThrow('Refused')
  await expect(local.start('../room-1/take-1', { kind: 'assemble' })).rejects.toThrow('Refused')
})

test('one job runs at a time, tells how far it is, and ends with what it made', async () => {
  const { local, runs, jobs, takeFolder } = studio()
  const wish = { kind: 'mix', format: 'mp3', edits: NO_EDITS } as const
  const [first] = await Promise.allSettled([local.start('take-1', wish), local.start('take-1', wish)])
  expect(first.status).toBe('fulfilled')
  await expect(local.start('take-1', { kind: 'assemble' })).rejects.toThrow('Refused')
  expect(runs).toHaveLength(1)
  expect(runs[0]?.task).toMatchObject({ kind: 'mix', outFile: path.join(takeFolder, 'exports', 'Tea at five.mp3') })
  runs[0]?.events.onMessage({ type: 'progress', step: 'mixing', progress: 0.5 })
  const facts = { integratedLufs: -16, truePeakDbtp: -1, lengthMs: 1_000 }
  runs[0]?.events.onMessage({ type: 'done', files: ['Tea at five.mp3'], facts })
  runs[0]?.events.onExit('code 0')
  expect(jobs.map(({ state, step, progress }) => [state, step, progress])).toEqual([
    ['running', 'reading', 0],
    ['running', 'mixing', 0.5],
    ['done', 'mixing', 1],
  ])
  expect((await local.take('take-1'))?.job).toMatchObject({ state: 'done', files: ['Tea at five.mp3'], facts })
})

test('nothing that was exported is written over', async () => {
  const { local, runs, takeFolder } = studio()
  mkdirSync(path.join(takeFolder, 'exports', 'Tea at five'), { recursive: true })
  const wish = { kind: 'tracks', format: 'wav', edited: false, projects: true, edits: NO_EDITS } as const
  await local.start('take-1', wish)
  expect(runs[0]?.task).toMatchObject({ outFolder: path.join(takeFolder, 'exports', 'Tea at five 2') })
})

test('without tracks there is nothing to mix', async () => {
  const { local } = studio({ assembled: false })
  expect(await local.take('take-1')).toMatchObject({ report: null, isStale: false })
  await expect(local.start('take-1', { kind: 'mix', format: 'mp3', edits: NO_EDITS })).rejects.toThrow('Refused')
})

test('one that is cancelled stops in order, or is killed', async () => {
  const { local, runs, jobs, waits } = studio()
  await local.start('take-1', { kind: 'assemble' })
  local.cancel('take-2')
  local.cancel('take-1')
  local.cancel('take-1')
  expect(runs[0]?.said).toEqual(['abort'])
  waits[0]?.()
  expect(runs[0]?.said).toEqual(['abort', 'kill'])
  runs[0]?.events.onExit('code 9')
  expect(jobs.at(-1)).toMatchObject({ state: 'cancelled', reason: null })
  await local.start('take-1', { kind: 'assemble' })
  runs[1]?.events.onMessage({ type: 'failed', reason: 'render-failed', detail: 'aborted' })
  expect(jobs.at(-1)).toMatchObject({ state: 'failed', reason: 'render-failed' })
})

test('one that crashes has failed, and the next may begin', async () => {
  const { local, runs, jobs } = studio()
  await local.start('take-1', { kind: 'assemble' })
  runs[0]?.events.onExit('code 139')
  expect(jobs.at(-1)).toMatchObject({ state: 'failed', reason: 'render-failed' })
  await local.start('take-1', { kind: 'assemble' })
  expect(runs).toHaveLength(2)
})

test('a late word of a process that has ended changes nothing of the next', async () => {
  const { local, runs, jobs } = studio()
  await local.start('take-1', { kind: 'assemble' })
  runs[0]?.events.onMessage({ type: 'done', files: [], facts: null })
  await local.start('take-1', { kind: 'assemble' })
  runs[0]?.events.onExit('code 0')
  expect(jobs.at(-1)).toMatchObject({ state: 'running' })
})

test('titles become names that every file system takes', () => {
  expect(['a/b', '..', 'CON', '  ', 'お茶の時間', 'x'.repeat(200)].map(safeTitle)).toEqual([
    'a b',
    'Engawa',
    'Engawa',
    'Engawa',
    'お茶の時間',
    'x'.repeat(80),
  ])
})
