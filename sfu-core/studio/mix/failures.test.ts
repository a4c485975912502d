import { AVERROR_ENOSPC, AVERROR_INVALIDDATA } from 'node-av/constants'
import { FFmpegError } from 'node-av/lib'
import { expect, it } from 'vitest'
import { Refusal } from '../../contract/reasons.ts'
import { asRefusal } from './failures.ts'

const going = new AbortController().signal

it.each([
  [new FFmpegError(AVERROR_ENOSPC), 'disk-full'],
  [Object.assign(new Error('no space'), { code: 'ENOSPC' }), 'disk-full'],
  [new FFmpegError(AVERROR_INVALIDDATA), 'render-failed'],
  [new TypeError('oops'), 'render-failed'],
  [new Refusal('input-invalid', 'x'), 'input-invalid'],
])('%s is told as %s', (error, code) => {
  expect(asRefusal(error, going)).toMatchObject({ name: 'Refusal', code })
})

it('an abort stays what it is, whatever broke because of it', () => {
  const reason = new Error('enough')
  expect(asRefusal(new TypeError('oops'), AbortSignal.abort(reason))).toBe(reason)
})
