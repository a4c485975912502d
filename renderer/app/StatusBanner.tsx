import { CircleAlert, TriangleAlert, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useConnection } from '../stores/connection.ts'
import { useHosting } from '../stores/hosting.ts'
import { isInRoom, usePresence } from '../stores/presence.ts'
import { cx, IconButton, showToast } from '../ui/index.ts'
import styles from './app.module.css'
import { desktopBridge } from './desktop.ts'
import { type Trouble, troubleOf } from './trouble.ts'

/**
 * A strip at the foot of the head: the line to the server is down, or this computer has trouble running rooms. It
 * takes its height from the empty space above the screen (app.module.css), so that nothing moves when it comes.
 */
export function StatusBanner() {
  const { t } = useTranslation()
  useBackAgainToast()
  const trouble = useTrouble()
  return (
    <div role="status">
      {trouble !== null && (
        <div className={cx(styles.strip, trouble.kind === 'failed' && styles.stripFailed)}>
          {trouble.kind === 'failed' ? <CircleAlert aria-hidden="true" /> : <TriangleAlert aria-hidden="true" />}
          <Words trouble={trouble} />
          {trouble.kind === 'failed' && (
            <IconButton label={t('close')} icon={<X />} size="small" tooltip={false} onPress={forgetFailure} />
          )}
        </div>
      )}
    </div>
  )
}

function Words({ trouble }: { trouble: Trouble }) {
  const { t } = useTranslation()
  switch (trouble.kind) {
    case 'offline':
      return <p>{t('offlineBanner')}</p>
    case 'restarting':
      return <p>{t('hosting.restarting')}</p>
    case 'failed':
      return <p>{t('hosting.failed', { detail: trouble.detail })}</p>
  }
}

/** A failure is over for the desktop once hosting is stopped; its status then says so. */
function forgetFailure(): void {
  void desktopBridge()?.hosting.stop()
}

function useTrouble(): Trouble | null {
  const line = useConnection((state) => state.line)
  const hosting = useHosting((state) => state.status)
  const inRoom = usePresence(isInRoom)
  return troubleOf({ line, hosting, inRoom })
}

function useBackAgainToast(): void {
  const { t } = useTranslation()
  const line = useConnection((state) => state.line)
  const wasOffline = useRef(false)
  useEffect(() => {
    if (line === 'online' && wasOffline.current && !isInRoom(usePresence.getState())) {
      showToast('success', t('onlineAgain'))
    }
    if (line !== 'connecting') wasOffline.current = line === 'offline'
  }, [line, t])
}
