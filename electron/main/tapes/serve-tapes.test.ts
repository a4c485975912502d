import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import type { FromTapeFiles, TapeFilesAnswer } from '../../contract/tapes.ts'
import { serveTapes } from './serve-tapes.ts'
import { TapeFolder } from './tape-folder.ts'

const open: MessagePort[] = []
afterEach(() => {
  for (const port of open.splice(0)) port.close()
})

/** The worker's end, and what main does with it. */
function tapes(given?: string) {
  const folder = given ?? path.join(mkdtempSync(path.join(tmpdir(), 'engawa-tapes-')), 'tapes')
  const { port1, port2 } = new MessageChannel()
  open.push(port1)
  const lines: string[] = []
  const failures: string[] = []
  const waiting = new Map<number, (answer: FromTapeFiles) => void>()
  port1.on('message', (answer: FromTapeFiles) => {
    if ('log' in answer) failures.push(answer.failed)
    else waiting.get(answer.id)?.(answer)
  })
  const store = new TapeFolder(folder)
  const port = {
    on: (event: 'message' | 'close', listener: (event: { data: unknown }) => void) =>
      port2.on(event, (data: unknown) => listener({ data })),
    postMessage: (message: unknown) => port2.postMessage(message),
    start: () => port2.start(),
  }
  serveTapes({ port: port as never, folder: store, log: (line) => lines.push(line) })
  let lastId = 0
  const ask = async (call: object): Promise<TapeFilesAnswer> => {
    lastId += 1
    const id = lastId
    const answer = await new Promise<FromTapeFiles>((resolve) => {
      waiting.set(id, resolve)
      port1.postMessage({ id, ...call })
    })
    if (!('ok' in answer) || !answer.ok) throw new Error('detail' in answer ? answer.detail : 'no answer')
    return answer.value
  }
  return { folder, store, lines, failures, ask, tell: (call: object) => port1.postMessage(call), port1 }
}

const bytes = (...values: number[]) => new Uint8Array(values)

test('a file is written whole, for its owner alone, and is there for the next start', async () => {
  const { folder, ask } = tapes()
  await ask({ call: 'write', tapeId: 'tape-1', name: '000000.flac', bytes: bytes(1, 2, 3) })
  await ask({ call: 'write', tapeId: 'tape-1', name: '000000.flac', bytes: bytes(4, 5) })
  const file = path.join(folder, 'tape-1', '000000.flac')
  expect([...readFileSync(file)]).toEqual([4, 5])
  expect(readdirSync(path.join(folder, 'tape-1'))).toEqual(['000000.flac'])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(path.join(folder, 'tape-1')).mode & 0o777).toBe(0o700)
  const later = tapes(folder)
  expect(await later.ask({ call: 'tapes' })).toEqual(['tape-1'])
  expect(await later.ask({ call: 'files', tapeId: 'tape-1' })).toEqual([{ name: '000000.flac', sizeBytes: 2 }])
  expect(await later.ask({ call: 'read', tapeId: 'tape-1', name: '000000.flac' })).toEqual(bytes(4, 5))
  expect(await later.ask({ call: 'read', tapeId: 'tape-1', name: '000001.flac' })).toBeNull()
  expect(await later.store.unsent()).toEqual({ count: 1, sizeBytes: 2 })
})

test('a journal grows in order, is begun anew, and goes when it is removed', async () => {
  const { folder, ask, tell } = tapes()
  const journal = { tapeId: 'tape-1', name: '000000.pcm' }
  for (const run of [1, 2]) {
    await ask({ call: 'open-log', log: run, ...journal })
    for (let value = 0; value < 200; value++) {
      tell({ call: 'append', log: run, bytes: bytes(value) })
      if (value % 10 === 0) tell({ call: 'flush', log: run })
    }
    tell({ call: 'close-log', log: run })
    await expect.poll(() => ask({ call: 'read', ...journal })).toEqual(Uint8Array.from({ length: 200 }, (_, at) => at))
  }
  await ask({ call: 'remove', ...journal })
  expect(readdirSync(path.join(folder, 'tape-1'))).toEqual([])
  await ask({ call: 'remove-tape', tapeId: 'tape-1' })
  expect(await ask({ call: 'tapes' })).toEqual([])
})

test('what a page that goes away has told is written still', async () => {
  const { folder, ask, tell, port1 } = tapes()
  await ask({ call: 'open-log', log: 1, tapeId: 'tape-1', name: '000000.pcm' })
  for (let value = 0; value < 100; value++) tell({ call: 'append', log: 1, bytes: bytes(value) })
  port1.close()
  await expect.poll(() => readFileSync(path.join(folder, 'tape-1', '000000.pcm')).length).toBe(100)
})

test('no name leads out of the folder, and nothing is too large', async () => {
  const { folder, ask, lines, tell } = tapes()
  await ask({ call: 'write', tapeId: 'tape-1', name: 'beginning.json', bytes: bytes(1) })
  const wrong = [
    { call: 'write', id: 1, tapeId: '..', name: '000000.flac', bytes: bytes(1) },
    { call: 'write', id: 1, tapeId: 'a/b', name: '000000.flac', bytes: bytes(1) },
    { call: 'write', id: 1, tapeId: 'tape-1', name: '../000000.flac', bytes: bytes(1) },
    { call: 'write', id: 1, tapeId: 'tape-1', name: 'run.sh', bytes: bytes(1) },
    { call: 'read', id: 1, tapeId: 'tape-1', name: '/etc/passwd' },
    { call: 'write', id: 1, tapeId: 'tape-1', name: '000000.flac', bytes: 'text' },
    { call: 'append', log: 1, bytes: new Uint8Array(10 * 1024 * 1024) },
    { call: 'exec', id: 1 },
    null,
  ]
  for (const message of wrong) tell(message as object)
  await expect.poll(() => lines.length).toBe(wrong.length)
  expect(readdirSync(path.dirname(folder))).toEqual(['tapes'])
  expect(readdirSync(path.join(folder, 'tape-1'))).toEqual(['beginning.json'])
})

test('a disk that does not take it is told of: with the answer, and once for a journal', async () => {
  const inTheWay = path.join(mkdtempSync(path.join(tmpdir(), 'engawa-tapes-')), 'file')
  writeFileSync(inTheWay, '')
  const { ask } = tapes(path.join(inTheWay, 'tapes'))
  await expect(ask({ call: 'write', tapeId: 'tape-1', name: '000000.flac', bytes: bytes(1) })).rejects.toThrow(
    'ENOTDIR',
  )
  await expect(ask({ call: 'open-log', log: 1, tapeId: 'tape-1', name: '000000.pcm' })).rejects.toThrow('ENOTDIR')
})

test.skipIf(process.platform !== 'linux')('a journal on a full disk is told of once', async () => {
  const { folder, ask, tell, failures } = tapes()
  await ask({ call: 'write', tapeId: 'tape-1', name: 'beginning.json', bytes: bytes(1) })
  const { symlinkSync } = await import('node:fs')
  symlinkSync('/dev/full', path.join(folder, 'tape-1', '000000.pcm'))
  await ask({ call: 'open-log', log: 1, tapeId: 'tape-1', name: '000000.pcm' })
  for (let value = 0; value < 5; value++) tell({ call: 'append', log: 1, bytes: bytes(value) })
  await expect.poll(() => failures).toEqual([expect.stringContaining('ENOSPC')])
})
