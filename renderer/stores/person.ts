import { create } from 'zustand'
import type { Person } from '../../server/contract/views.ts'

/** `unknown` until the server has said who we are. */
export type Identity = { state: 'unknown' } | { state: 'guest' } | { state: 'person'; person: Person }

interface PersonStore {
  identity: Identity
  setPerson: (person: Person | null) => void
}

/** Who uses this page. */
export const usePerson = create<PersonStore>((set) => ({
  identity: { state: 'unknown' },
  setPerson: (person) => set({ identity: person === null ? { state: 'guest' } : { state: 'person', person } }),
}))
