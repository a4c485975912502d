import { describe, expect, it } from 'vitest'
import { nextPath, withNext } from './next-path.ts'

describe('nextPath', () => {
  it.each([
    ['?next=%2Fnew', '/new'],
    ['?next=%2Fr%2Fabc%3Finvite%3Dx', '/r/abc?invite=x'],
    ['', '/'],
    ['?next=https%3A%2F%2Fevil.example', '/'],
    ['?next=%2F%2Fevil.example', '/'],
    ['?next=%2F%5Cevil.example', '/'],
  ])('of %s is %s', (search, path) => expect(nextPath(search)).toBe(path))

  it('reads what withNext wrote', () => {
    const path = '/r/abc?invite=x&y'
    expect(nextPath(withNext('/sign-in', path).slice('/sign-in'.length))).toBe(path)
  })
})
