import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { readInTime } from './slow-reading.ts'

async function readAll(content: PassThrough, patience: { wholeMs: number; silenceMs: number }): Promise<string> {
  let text = ''
  for await (const part of readInTime(content, patience)) text += part.toString()
  return text
}

it('gives what comes, as it comes', async () => {
  const content = new PassThrough()
  const read = readAll(content, { wholeMs: 10_000, silenceMs: 10_000 })
  content.write('a')
  await delay(5)
  content.end('b')
  expect(await read).toBe('ab')
})

it('gives up who says nothing, and leaves the line for an answer', async () => {
  const content = new PassThrough()
  content.write('a')
  await expect(readAll(content, { wholeMs: 10_000, silenceMs: 20 })).rejects.toMatchObject({ code: 'timed-out' })
  expect(content.destroyed).toBe(false)
})

it('gives up who drips', async () => {
  const content = new PassThrough()
  const dripping = setInterval(() => content.write('.'), 5)
  await expect(readAll(content, { wholeMs: 60, silenceMs: 10_000 })).rejects.toMatchObject({ code: 'timed-out' })
  clearInterval(dripping)
})

it('knows what broke off', async () => {
  const content = new PassThrough()
  const read = readAll(content, { wholeMs: 10_000, silenceMs: 10_000 })
  content.write('a')
  content.destroy(new Error('aborted'))
  await expect(read).rejects.toMatchObject({ code: 'chunk-damaged' })
})
