import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { LOG_LINE_MAX_CHARS, LOG_MAX_BYTES, openLog } from './log.ts'

test('lines have a time, long ones are cut, and a full file is put aside', () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'engawa-log-')), 'logs', 'desktop.log')
  const log = openLog(file, () => 0)
  log('hello')
  expect(readFileSync(file, 'utf8')).toBe('1970-01-01T00:00:00.000Z hello\n')
  const long = 'x'.repeat(2 * LOG_LINE_MAX_CHARS)
  for (let i = 0; i < LOG_MAX_BYTES / LOG_LINE_MAX_CHARS + 5; i += 1) log(long)
  expect(existsSync(`${file}.old`)).toBe(true)
  expect(statSync(`${file}.old`).size).toBeLessThan(LOG_MAX_BYTES + 2 * LOG_LINE_MAX_CHARS)
  vi.restoreAllMocks()
})

test('a log that cannot be written does not throw', () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const notAFolder = path.join(mkdtempSync(path.join(tmpdir(), 'engawa-log-')), 'file')
  writeFileSync(notAFolder, '')
  expect(() => openLog(path.join(notAFolder, 'desktop.log'))('hello')).not.toThrow()
  vi.restoreAllMocks()
})
