import { afterEach, expect, test, vi } from 'vitest'
import type { FromTapeFiles, TapeFilesAnswer, ToTapeFiles } from '../../../electron/contract/tapes.ts'
import { DesktopStore } from './desktop-store.ts'
import { JournalsApartStore } from './journals-apart-store.ts'
import { MemoryStore } from './memory-store.ts'
import { SpillingStore } from './spilling-store.ts'
import { StoreFullError } from './tape-store.ts'

const ports: MessagePort[] = []
afterEach(() => {
  for (const port of ports.splice(0)) port.close()
  vi.useRealTimers()
})

/** The app's end of the line: answers what `answer` says; without one it is silent. */
function app(answer?: (call: ToTapeFiles) => TapeFilesAnswer | Error) {
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  const heard: ToTapeFiles[] = []
  const say = (message: FromTapeFiles) => port2.postMessage(message)
  port2.onmessage = ({ data }: MessageEvent<ToTapeFiles>) => {
    heard.push(data)
    if (!('id' in data) || answer === undefined) return
    const value = answer(data)
    say(value instanceof Error ? { id: data.id, ok: false, detail: value.message } : { id: data.id, ok: true, value })
  }
  return { port: port1, heard, say }
}

async function opened(answer: (call: ToTapeFiles) => TapeFilesAnswer | Error = () => null) {
  const desktop = app((call) => (call.call === 'tapes' ? ['tape-1'] : answer(call)))
  const store = await DesktopStore.open(desktop.port)
  if (store === null) throw new Error('not opened')
  return { ...desktop, store }
}

test('an app that does not answer has no files for us', async () => {
  vi.useFakeTimers()
  const store = DesktopStore.open(app().port)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(await store).toBeNull()
  vi.useRealTimers()
  expect(await DesktopStore.open(app(() => new Error('no')).port)).toBeNull()
})

test('calls are answered each by its own', async () => {
  const { store } = await opened((call) => (call.call === 'read' ? new TextEncoder().encode(call.name) : null))
  const names = ['000000.flac', '000001.flac', '000002.flac']
  const read = await Promise.all(names.map((name) => store.read('tape-1', name)))
  expect(read.map((bytes) => new TextDecoder().decode(bytes ?? new Uint8Array()))).toEqual(names)
  expect(await store.tapes()).toEqual(['tape-1'])
})

test('of a view only its own bytes go over the line', async () => {
  const { store, heard } = await opened()
  await store.write('tape-1', '000000.flac', new Uint8Array(1_000).subarray(10, 12))
  const [, write] = heard
  expect(write?.call === 'write' && write.bytes.buffer.byteLength).toBe(2)
})

test('what the disk does not take is kept in memory', async () => {
  const { store } = await opened((call) =>
    call.call === 'write' || call.call === 'open-log' ? new Error('ENOSPC') : null,
  )
  await expect(store.write('tape-1', '000000.flac', new Uint8Array(1))).rejects.toBeInstanceOf(StoreFullError)
  const spilling = new SpillingStore(store)
  expect(await spilling.write('tape-1', '000000.flac', new Uint8Array([7]))).toBe(false)
  expect(await spilling.read('tape-1', '000000.flac')).toEqual(new Uint8Array([7]))
  expect((await spilling.openLog('tape-1', '000000.pcm')).isWhole).toBe(false)
})

test('a journal that failed on the disk is given up at the next word', async () => {
  const { store, heard, say } = await opened()
  const log = await store.openLog('tape-1', '000000.pcm')
  log.append(new Uint8Array([1]))
  log.flush()
  await expect.poll(() => heard.map(({ call }) => call)).toEqual(['tapes', 'open-log', 'append', 'flush'])
  const opening = heard[1]
  say({ log: opening?.call === 'open-log' ? opening.log : -1, failed: 'ENOSPC' })
  await expect.poll(() => log.isWhole).toBe(false)
  expect(() => log.append(new Uint8Array([2]))).toThrow(StoreFullError)
  log.close()
  log.close()
  await expect.poll(() => heard.map(({ call }) => call)).toEqual(['tapes', 'open-log', 'append', 'flush', 'close-log'])
})

test('journals lie apart; what either store has of a tape counts, and all of it goes with the tape', async () => {
  const [files, journals] = [new MemoryStore(), new MemoryStore()]
  // Of a time when the app`s files could not be had.
  await journals.write('tape-0', 'beginning.json', new Uint8Array([1]))
  const store = new JournalsApartStore({ files, journals })
  await store.write('tape-1', 'beginning.json', new Uint8Array([2]))
  await store.write('tape-1', '000000.flac', new Uint8Array([3]))
  const log = await store.openLog('tape-1', '000001.pcm')
  log.append(new Uint8Array([4]))
  log.close()
  expect((await store.tapes()).sort()).toEqual(['tape-0', 'tape-1'])
  expect((await store.files('tape-1')).map(({ name }) => name).sort()).toEqual([
    '000000.flac',
    '000001.pcm',
    'beginning.json',
  ])
  expect((await files.files('tape-1')).map(({ name }) => name).sort()).toEqual(['000000.flac', 'beginning.json'])
  expect(await store.read('tape-1', '000001.pcm')).toEqual(new Uint8Array([4]))
  expect(await store.read('tape-0', 'beginning.json')).toEqual(new Uint8Array([1]))
  await store.remove('tape-1', '000001.pcm')
  expect(await journals.files('tape-1')).toEqual([])
  for (const tapeId of ['tape-0', 'tape-1']) await store.removeTape(tapeId)
  expect([...(await files.tapes()), ...(await journals.tapes())]).toEqual([])
})
