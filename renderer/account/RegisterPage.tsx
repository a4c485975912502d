import { useTranslation } from 'react-i18next'
import { Link, Redirect, useSearch } from 'wouter'
import { PASSWORD_MIN_CHARS } from '../../server/contract/inputs.ts'
import { NAME_MAX_CHARS } from '../../sfu-core/contract/limits.ts'
import { FailureNotice } from '../app/FailureNotice.tsx'
import { useScreenTitle } from '../app/screen.ts'
import { serverConnection } from '../app/server-connection.ts'
import { useServerInfo } from '../app/server-info.ts'
import { usePerson } from '../stores/person.ts'
import { Button, Card, Notice, PageHeader, TextField } from '../ui/index.ts'
import styles from './account.module.css'
import { checkRegistration } from './account-form.ts'
import { register } from './auth-api.ts'
import { nextPath, withNext } from './next-path.ts'
import { PasswordField } from './PasswordField.tsx'
import { useAccountForm } from './use-account-form.ts'

/** A new account, signed in at once. */
export function RegisterPage() {
  const { t } = useTranslation('account')
  useScreenTitle(t('register.title'))
  const next = nextPath(useSearch())
  const signedIn = usePerson((state) => state.identity.state === 'person')
  const handle = useAccountForm({
    check: checkRegistration,
    send: async (account) => {
      await register(serverConnection(), account)
    },
  })
  if (signedIn) return <Redirect to={next} replace />
  return (
    <div className={styles.page}>
      <PageHeader title={t('register.title')} description={t('register.description')} />
      <ClosedNotice />
      <Card padding="large">
        <form className={styles.form} onSubmit={handle.onSubmit} noValidate>
          <TextField
            label={t('fields.name')}
            description={t('fields.nameHelp')}
            name="name"
            autoComplete="name"
            maxLength={NAME_MAX_CHARS}
            required
            value={handle.form.name}
            onChange={handle.set('name')}
            error={handle.errorOf('name')}
          />
          <TextField
            label={t('fields.email')}
            name="email"
            type="email"
            autoComplete="username"
            required
            value={handle.form.email}
            onChange={handle.set('email')}
            error={handle.errorOf('email')}
          />
          <PasswordField
            autoComplete="new-password"
            description={t('fields.passwordHelp', { count: PASSWORD_MIN_CHARS })}
            value={handle.form.password}
            onChange={handle.set('password')}
            error={handle.errorOf('password')}
          />
          <FailureNotice failure={handle.failure} />
          <Button type="submit" variant="primary" wide pending={handle.pending} pendingLabel={t('register.pending')}>
            {t('register.submit')}
          </Button>
        </form>
      </Card>
      <p className={styles.other}>
        {t('register.haveAccount')} <Link href={withNext('/sign-in', next)}>{t('register.toSignIn')}</Link>
      </p>
    </div>
  )
}

/** Said before anybody fills in the form for nothing. */
function ClosedNotice() {
  const { t } = useTranslation('account')
  const info = useServerInfo()
  if (info === null || info.registration === 'open') return null
  return (
    <Notice tone="warning" announce>
      {t('errors.closed')}
    </Notice>
  )
}
