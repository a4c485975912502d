import { expect, test } from 'vitest'
import { contentSecurityPolicy, pageHeaders } from './page-headers.ts'

const directive = (serverUrl: string, name: string) =>
  contentSecurityPolicy(serverUrl)
    .split('; ')
    .find((part) => part.startsWith(`${name} `))

test('connections go to the configured server only', () => {
  expect(directive('http://10.0.0.7:8420', 'connect-src')).toBe(
    "connect-src 'self' http://10.0.0.7:8420 ws://10.0.0.7:8420",
  )
  expect(directive('https://engawa.example', 'connect-src')).toBe(
    "connect-src 'self' https://engawa.example wss://engawa.example",
  )
})

test('scripts and styles come from our own files, nothing is inline', () => {
  const policy = contentSecurityPolicy('http://127.0.0.1:8420')
  expect(policy).toContain("default-src 'none'")
  // WebAssembly (FLAC) is compiled from our own files too.
  expect(directive('http://127.0.0.1:8420', 'script-src')).toBe("script-src 'self' 'wasm-unsafe-eval'")
  expect(policy.replace("'wasm-unsafe-eval'", '')).not.toContain('unsafe')
})

test('headers are plain: no line breaks that a server address could bring in', () => {
  for (const value of Object.values(pageHeaders('http://127.0.0.1:8420'))) expect(value).not.toMatch(/[\r\n]/)
})
