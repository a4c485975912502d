import { expect, it } from 'vitest'
import { tapeFileName } from './save-file.ts'

const startedAtMs = new Date(2026, 10, 20, 16, 32, 5).getTime()

it('two tapes of a room are saved under two names', () => {
  const tape = { roomTitle: 'Tea at five', startedAtMs, source: 'processed' } as const
  expect(tapeFileName(tape)).toBe('Tea at five 2026-11-20 16.32.05.zip')
  expect(tapeFileName({ ...tape, source: 'unprocessed' })).toBe('Tea at five 2026-11-20 16.32.05 unprocessed.zip')
  expect(tapeFileName({ ...tape, startedAtMs: startedAtMs + 1_000 })).toBe('Tea at five 2026-11-20 16.32.06.zip')
})

it('leaves out what file systems do not take', () => {
  const name = tapeFileName({ roomTitle: 'Q/A: "why"?', startedAtMs, source: 'processed' })
  expect(name).not.toMatch(/[/:"?]/)
  expect(tapeFileName({ roomTitle: '', startedAtMs, source: 'processed' })).toMatch(/^Engawa /)
})
