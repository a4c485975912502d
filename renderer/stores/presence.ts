import { create } from 'zustand'
import type { SessionState } from '../room-session/session-state.ts'

interface PresenceStore {
  /** Where the way into a room stands; null while no room is entered. */
  phase: SessionState['phase'] | null
  setPhase: (phase: SessionState['phase'] | null) => void
}

/** Whether this page is in a room now. Written by stage/use-browser-session.ts only. */
export const usePresence = create<PresenceStore>((set) => ({
  phase: null,
  setPhase: (phase) => set({ phase }),
}))

/** The stage is on screen and says itself how the connection goes. */
export function isInRoom({ phase }: Pick<PresenceStore, 'phase'>): boolean {
  return phase !== null && phase !== 'left'
}
