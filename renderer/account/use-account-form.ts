import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS } from '../../server/contract/inputs.ts'
import type { Failure } from '../app/api-error.ts'
import { useAction } from '../app/use-action.ts'
import { type AccountForm, type FieldProblem, type FieldProblems, placeOf } from './account-form.ts'
import { AuthError } from './auth-api.ts'

export interface AccountFormHandle {
  form: AccountForm
  set: (field: keyof AccountForm) => (value: string) => void
  errorOf: (field: keyof AccountForm) => string | null
  onSubmit: (event: FormEvent<HTMLFormElement>) => void
  pending: boolean
  failure: Failure | null
}

interface AccountFormOptions {
  check: (form: AccountForm) => FieldProblems
  /** Sends the checked form. */
  send: (form: AccountForm) => Promise<void>
}

/** The state of a sign-in or registration form: values, what is wrong with which field, sending. */
export function useAccountForm({ check, send }: AccountFormOptions): AccountFormHandle {
  const [form, setForm] = useState<AccountForm>({ name: '', email: '', password: '' })
  const [problems, setProblems] = useState<FieldProblems>({})
  const words = useProblemWords()
  const action = useAction(async (checked: AccountForm) => {
    try {
      await send(checked)
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      setProblems({ [placeOf(error.problem)]: error.problem })
    }
  })

  return {
    form,
    set: (field) => (value) => {
      setForm((old) => ({ ...old, [field]: value }))
      setProblems(({ [field]: _mended, ...others }) => others)
    },
    errorOf: (field) => (problems[field] === undefined ? null : words(problems[field])),
    onSubmit: (event) => {
      event.preventDefault()
      const found = check(form)
      setProblems(found)
      const first = (['name', 'email', 'password'] as const).find((field) => found[field] !== undefined)
      if (first === undefined) action.run({ ...form, name: form.name.trim(), email: form.email.trim() })
      else event.currentTarget.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus()
    },
    pending: action.pending,
    failure: action.failure,
  }
}

function useProblemWords(): (problem: FieldProblem) => string {
  const { t } = useTranslation('account')
  return (problem) => {
    if (problem === 'passwordShort') return t('errors.passwordShort', { count: PASSWORD_MIN_CHARS })
    if (problem === 'passwordLong') return t('errors.passwordLong', { count: PASSWORD_MAX_CHARS })
    return t(`errors.${problem}`)
  }
}
