import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { Connection } from '../call-context.ts'
import type { Person } from '../contract/views.ts'
import type { PeopleApi } from './people.api.ts'

export const people: PeopleApi = {
  me: (caller) => caller.person(),
}

/** @throws Refusal `sign-in-needed` for a guest. */
export async function signedIn(caller: Connection): Promise<Person> {
  const person = await caller.person()
  if (person !== null) return person
  throw new Refusal('sign-in-needed', 'Sign in first.')
}
