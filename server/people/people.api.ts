import type { Connection } from '../call-context.ts'
import type { Person } from '../contract/views.ts'

/** The rules about accounts, as the router sees them. */
export interface PeopleApi {
  /** Who the caller is; null: a guest. */
  me(caller: Connection): Promise<Person | null>
}
