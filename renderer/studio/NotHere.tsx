import { useTranslation } from 'react-i18next'
import { useScreenTitle } from '../app/screen.ts'
import { ErrorState, LinkButton } from '../ui/index.ts'

/** In place of a take that is not one's own, or does not exist. */
export function NotHere() {
  const { t } = useTranslation('studio')
  useScreenTitle(t('notFound'))
  return (
    <ErrorState title={t('notFound')} screen action={<LinkButton href="/recordings">{t('back')}</LinkButton>}>
      {t('notFoundHelp')}
    </ErrorState>
  )
}
