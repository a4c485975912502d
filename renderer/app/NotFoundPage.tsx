import { Compass } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { EmptyState, LinkButton, PageHeader } from '../ui/index.ts'
import { useScreenTitle } from './screen.ts'

/** For addresses that lead nowhere. */
export function NotFoundPage() {
  const { t } = useTranslation()
  useScreenTitle(t('notFound.title'))
  return (
    <>
      <PageHeader title={t('notFound.title')} />
      <EmptyState
        icon={<Compass />}
        title={t('notFound.help')}
        action={<LinkButton href="/">{t('toRooms')}</LinkButton>}
      />
    </>
  )
}
