import { KeyRound } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { Offline } from '../app/FailureNotice.tsx'
import { useScreenTitle } from '../app/screen.ts'
import { useConnection } from '../stores/connection.ts'
import { usePerson } from '../stores/person.ts'
import { EmptyState, LinkButton, Loading, PageHeader } from '../ui/index.ts'
import { withNext } from './next-path.ts'

/** A screen that belongs to an account: asks others to sign in, and brings them back. */
export function SignedIn({ children }: { children: ReactNode }) {
  const { t } = useTranslation('app')
  const identity = usePerson((state) => state.identity)
  const line = useConnection((state) => state.line)
  switch (identity.state) {
    case 'person':
      return children
    case 'guest':
      return <Gate />
    case 'unknown':
      return line === 'offline' ? <Offline screen /> : <Loading label={t('loading')} />
  }
}

function Gate() {
  const { t } = useTranslation('account')
  useScreenTitle(t('gate.title'))
  const [path] = useLocation()
  return (
    <>
      <PageHeader title={t('gate.title')} />
      <EmptyState
        icon={<KeyRound />}
        title={t('gate.help')}
        action={
          <>
            <LinkButton href={withNext('/sign-in', path)} variant="primary">
              {t('signIn.title')}
            </LinkButton>
            <LinkButton href={withNext('/register', path)}>{t('register.title')}</LinkButton>
          </>
        }
      />
    </>
  )
}
