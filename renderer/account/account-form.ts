import { PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS } from '../../server/contract/inputs.ts'
import type { AuthProblem } from './auth-api.ts'

export interface AccountForm {
  name: string
  email: string
  password: string
}

export type FieldProblem = 'nameMissing' | 'emailMissing' | 'passwordMissing' | AuthProblem
export type FieldProblems = Partial<Record<keyof AccountForm, FieldProblem>>

/** What is wrong with a registration before it is sent. */
export function checkRegistration({ name, email, password }: AccountForm): FieldProblems {
  return {
    ...(name.trim() === '' && { name: 'nameMissing' }),
    ...checkEmail(email),
    ...(password.length < PASSWORD_MIN_CHARS && { password: 'passwordShort' }),
    ...(password.length > PASSWORD_MAX_CHARS && { password: 'passwordLong' }),
  }
}

/** What is wrong with a sign-in before it is sent. Says nothing of a password's length: old ones may differ. */
export function checkSignIn({ email, password }: Omit<AccountForm, 'name'>): FieldProblems {
  return { ...checkEmail(email), ...(password === '' && { password: 'passwordMissing' }) }
}

function checkEmail(email: string): FieldProblems {
  if (email.trim() === '') return { email: 'emailMissing' }
  return /^[^\s@]+@[^\s@]+$/.test(email.trim()) ? {} : { email: 'emailInvalid' }
}

/** The field that a refusal of the server belongs to. */
export function placeOf(problem: AuthProblem): keyof AccountForm {
  switch (problem) {
    case 'emailTaken':
    case 'emailInvalid':
    case 'closed':
      return 'email'
    case 'wrongCredentials':
    case 'passwordShort':
    case 'passwordLong':
      return 'password'
  }
}
