import { expect, test } from 'vitest'
import { linkVerdict } from './link-policy.ts'
import { isOwnPage } from './own-page.ts'

const SERVER = 'http://127.0.0.1:8420'

test.each([
  ['app://engawa/rooms/abc', 'stay'],
  ['https://example.org/x', 'browser'],
  ['http://127.0.0.1:8420/r/abc', 'browser'],
  ['http://127.0.0.1:8420/api/takes/t1/files/a.opus?ticket=x', 'download'],
  ['http://127.0.0.1:8421/api/takes/t1/files/a.opus', 'browser'],
  ['https://user:secret@example.org/', 'refuse'],
  ['file:///etc/passwd', 'refuse'],
  ['javascript:alert(1)', 'refuse'],
  ['data:text/html,x', 'refuse'],
  ['app://other/', 'refuse'],
  ['smb://host/share', 'refuse'],
  [`https://example.org/${'x'.repeat(5_000)}`, 'refuse'],
  ['not an address', 'refuse'],
])('%s: %s', (address, verdict) => {
  expect(linkVerdict(address, SERVER)).toBe(verdict)
})

test('only app://engawa is our own page', () => {
  expect(isOwnPage('app://engawa/')).toBe(true)
  expect(isOwnPage('app://engawa')).toBe(true)
  expect(isOwnPage('app://engawa.example/')).toBe(false)
  expect(isOwnPage('app://x@engawa/')).toBe(false)
  expect(isOwnPage('https://engawa/')).toBe(false)
  expect(isOwnPage(undefined)).toBe(false)
})
