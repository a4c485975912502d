import { create } from 'zustand'

/** `offline`: the line is down and is being built again. */
export type LineState = 'connecting' | 'online' | 'offline'

interface ConnectionStore {
  line: LineState
  /** Counts identities: changes at sign-in and sign-out, when everything that was loaded is another's. */
  identity: number
  setLine: (line: LineState) => void
  nextIdentity: () => void
}

/** The line to the server. Written by app/server-connection.ts only. */
export const useConnection = create<ConnectionStore>((set) => ({
  line: 'connecting',
  identity: 0,
  setLine: (line) => set({ line }),
  nextIdentity: () => set((state) => ({ identity: state.identity + 1 })),
}))
