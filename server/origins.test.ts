import { describe, expect, it } from 'vitest'
import { mayCall } from './origins.ts'

const PUBLIC = 'https://talk.example.org'

describe('origins', () => {
  it.each([
    [undefined, 'localhost:8420', true],
    ['http://localhost:8420', 'localhost:8420', true],
    ['http://192.168.1.5:8420', '192.168.1.5:8420', true],
    ['app://engawa', 'localhost:8420', true],
    [PUBLIC, 'inner:8420', true],
    ['http://localhost:3000', 'localhost:8420', false],
    ['https://evil.example', 'localhost:8420', false],
    ['app://other', 'localhost:8420', false],
    ['null', 'localhost:8420', false],
  ])('%s on %s: %s', (origin, host, may) => {
    expect(mayCall({ origin, host }, PUBLIC)).toBe(may)
  })
})
