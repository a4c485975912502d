import { useUnsentDialog } from '../stores/unsent-dialog.ts'
import { pageTapes } from '../tape/page-tapes.ts'

/** Asks, where something of the person's voice is only here. Resolves to whether to go on. */
export function askBeforeSigningOut(): Promise<boolean> {
  if (!pageTapes().hasUnsent()) return Promise.resolve(true)
  return new Promise((answer) => useUnsentDialog.getState().show({ why: 'sign-out', answer }))
}
