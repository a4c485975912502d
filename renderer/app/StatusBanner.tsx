import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useConnection } from '../stores/connection.ts'
import { useHosting } from '../stores/hosting.ts'
import { Notice, type NoticeProps, showToast } from '../ui/index.ts'
import styles from './app.module.css'

/** Over every screen: the line to the server is down, or this computer has trouble running rooms. */
export function StatusBanner() {
  useBackAgainToast()
  const trouble = useTrouble()
  return (
    <div className={styles.banner} role="status">
      {trouble !== null && (
        <div>
          <Notice tone={trouble.tone}>{trouble.words}</Notice>
        </div>
      )}
    </div>
  )
}

function useTrouble(): { tone: NoticeProps['tone']; words: string } | null {
  const { t } = useTranslation()
  const line = useConnection((state) => state.line)
  const hosting = useHosting((state) => state.status)
  if (line === 'offline') return { tone: 'warning', words: t('offlineBanner') }
  if (hosting.state === 'restarting') return { tone: 'warning', words: t('hosting.restarting') }
  if (hosting.state === 'failed') return { tone: 'danger', words: t('hosting.failed', { detail: hosting.detail }) }
  return null
}

function useBackAgainToast(): void {
  const { t } = useTranslation()
  const line = useConnection((state) => state.line)
  const wasOffline = useRef(false)
  useEffect(() => {
    if (line === 'online' && wasOffline.current) showToast('success', t('onlineAgain'))
    if (line !== 'connecting') wasOffline.current = line === 'offline'
  }, [line, t])
}
