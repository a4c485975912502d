import { expect, test } from 'vitest'
import { webFileFor } from './web-files.ts'

test.each([
  ['/', 'index.html'],
  ['/rooms/abc', 'index.html'],
  ['/index.html', 'index.html'],
  ['/assets/index-1a2b.js', 'assets/index-1a2b.js'],
  ['//assets//x.css', 'assets/x.css'],
])('%s is answered with %s', (pathname, file) => {
  expect(webFileFor(pathname)?.file).toBe(file)
})

test.each([
  '/../package.json',
  '/%2e%2e/package.json',
  '/assets/..%2f..%2fpackage.json',
  '/..%5c..%5cpackage.json',
  '/.env',
  '/assets/%00.js',
  '/%zz',
])('%s does not leave the folder', (pathname) => {
  expect(webFileFor(pathname)).toBeNull()
})

test('types are right, and only hashed files are kept for good', () => {
  expect(webFileFor('/assets/a.js')).toMatchObject({ contentType: 'text/javascript; charset=utf-8', immutable: true })
  expect(webFileFor('/room')).toMatchObject({ contentType: 'text/html; charset=utf-8', immutable: false })
  expect(webFileFor('/x.unknown')?.contentType).toBe('application/octet-stream')
})
