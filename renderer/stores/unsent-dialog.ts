import { create } from 'zustand'

/** Why the recordings on this computer are shown. */
export type UnsentReason =
  /** Somebody wants to see them. */
  | { readonly why: 'look' }
  /** A room was left, and not all of it is sent. */
  | { readonly why: 'left' }
  /** Somebody signs out. `answer`: whether they do it now. Called once. */
  | { readonly why: 'sign-out'; answer(now: boolean): void }

interface UnsentDialogStore {
  reason: UnsentReason | null
  show: (reason: UnsentReason) => void
  close: () => void
}

/** The window with the recordings that are still on this computer; shown by unsent/UnsentDialog.tsx. */
export const useUnsentDialog = create<UnsentDialogStore>((set, get) => ({
  reason: null,
  show: (reason) => {
    get().close()
    set({ reason })
  },
  close: () => {
    const { reason } = get()
    set({ reason: null })
    if (reason?.why === 'sign-out') reason.answer(false)
  },
}))
