import { describe, expect, it } from 'vitest'
import { hueOf, initialsOf } from './avatar-look.ts'

describe('initialsOf', () => {
  it.each([
    ['Ada Lovelace', 'AL'],
    ['ada', 'A'],
    ['  Ada  King  Lovelace ', 'AL'],
    ['佐藤 花子', '佐花'],
    ['👩‍👩‍👧 family', '👩‍👩‍👧F'],
    ['が', 'が'],
    ['', ''],
  ])('of %j is %j', (name, initials) => expect(initialsOf(name)).toBe(initials))
})

describe('hueOf', () => {
  it('is the same for the same name, and a hue', () => {
    expect(hueOf('Hana')).toBe(hueOf('Hana'))
    expect(hueOf('Hana')).not.toBe(hueOf('Hanae'))
    for (const name of ['', 'a', '佐藤']) expect(hueOf(name)).toSatisfy((hue: number) => hue >= 0 && hue < 360)
  })
})
