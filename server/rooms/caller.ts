import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { Connection } from '../call-context.ts'
import type { Person } from '../contract/views.ts'

/** `known`: the database was asked. Without it nobody is signed in, and live rooms go on. */
export interface Caller {
  person: Person | null
  known: boolean
}

/** @throws Refusal `server-error` while the database is gone, unless a live room shall go on. */
export async function whoCalls(connection: Connection, liveGoesOn: boolean): Promise<Caller> {
  try {
    return { person: await connection.person(), known: true }
  } catch (error) {
    if (liveGoesOn && error instanceof Refusal && error.code === 'server-error') return { person: null, known: false }
    throw error
  }
}

/** As `whoCalls`, where it makes no difference why nobody is signed in. */
export async function personOrGuest(connection: Connection, liveGoesOn: boolean): Promise<Person | null> {
  return (await whoCalls(connection, liveGoesOn)).person
}
