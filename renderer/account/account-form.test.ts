import { describe, expect, it } from 'vitest'
import { PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS } from '../../server/contract/inputs.ts'
import { checkRegistration, checkSignIn } from './account-form.ts'

const good = { name: 'Hana', email: 'hana@example.org', password: 'x'.repeat(PASSWORD_MIN_CHARS) }

describe('checkRegistration', () => {
  it('lets a good form pass', () => expect(checkRegistration(good)).toEqual({}))

  it('names every empty field', () => {
    expect(checkRegistration({ name: ' ', email: '', password: '' })).toEqual({
      name: 'nameMissing',
      email: 'emailMissing',
      password: 'passwordShort',
    })
  })

  it('refuses an address without @ and passwords out of bounds', () => {
    expect(checkRegistration({ ...good, email: 'hana' })).toEqual({ email: 'emailInvalid' })
    expect(checkRegistration({ ...good, password: 'x'.repeat(PASSWORD_MIN_CHARS - 1) })).toEqual({
      password: 'passwordShort',
    })
    expect(checkRegistration({ ...good, password: 'x'.repeat(PASSWORD_MAX_CHARS + 1) })).toEqual({
      password: 'passwordLong',
    })
  })
})

describe('checkSignIn', () => {
  it('does not judge the length of a password', () => {
    expect(checkSignIn({ email: good.email, password: 'x' })).toEqual({})
    expect(checkSignIn({ email: good.email, password: '' })).toEqual({ password: 'passwordMissing' })
  })
})
