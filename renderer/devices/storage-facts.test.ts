import { expect, it } from 'vitest'
import { hoursOfRoom, storageFacts } from './storage-facts.ts'

const folder = {} as FileSystemDirectoryHandle

it('tells what the browser tells', async () => {
  const facts = await storageFacts({
    persisted: async () => true,
    estimate: async () => ({ quota: 5_000, usage: 1_000 }),
    getDirectory: async () => folder,
  })
  expect(facts).toEqual({ persisted: true, freeBytes: 4_000, isDurable: true })
})

it('a browser that knows nothing of it, or refuses (a private window), is no error', async () => {
  const unknown = { persisted: null, freeBytes: null, isDurable: false }
  expect(await storageFacts(undefined)).toEqual(unknown)
  expect(await storageFacts({})).toEqual(unknown)
  const refused = () => Promise.reject(new DOMException('no', 'SecurityError'))
  expect(await storageFacts({ persisted: refused, estimate: refused, getDirectory: refused })).toEqual(unknown)
})

it('counts whole hours, each channel by itself', () => {
  expect(hoursOfRoom(1_100_000_000, 1)).toBe(2)
  expect(hoursOfRoom(1_100_000_000, 2)).toBe(1)
  expect(hoursOfRoom(400_000_000, 1)).toBe(0)
})
