import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { RoomAction } from '../../sfu-core/contract/actions.ts'
import { SignallingError } from '../room-session/ports.ts'
import { showToast } from '../ui/index.ts'
import { useStage } from './stage-context.ts'

/** Does something that may be refused; says why in a toast. Resolves to whether it was done. */
export function useAttempt(): (attempt: () => Promise<void>) => Promise<boolean> {
  const { t } = useTranslation('reasons')
  return useCallback(
    async (attempt) => {
      try {
        await attempt()
        return true
      } catch (error) {
        const reason = error instanceof SignallingError ? error.reason : 'server-error'
        // Somebody else did it first, or it is so already: the screen shows it.
        if (reason !== 'nothing-to-do') showToast('danger', `${t(`${reason}.title`)}. ${t(`${reason}.help`)}`)
        return reason === 'nothing-to-do'
      }
    },
    [t],
  )
}

/** Asks the room for something; says why not in a toast. Resolves to whether it was done. */
export function useAct(): (action: RoomAction) => Promise<boolean> {
  const { session } = useStage()
  const attempt = useAttempt()
  return useCallback((action) => attempt(() => session.act(action)), [session, attempt])
}
