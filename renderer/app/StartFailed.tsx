import { useTranslation } from 'react-i18next'
import { ErrorState } from '../ui/index.ts'

/** In place of the page, where the desktop app cannot say which server it belongs to. */
export function StartFailed() {
  const { t } = useTranslation()
  return (
    <main>
      <ErrorState title={t('startFailed.title')} screen>
        {t('startFailed.help')}
      </ErrorState>
    </main>
  )
}
