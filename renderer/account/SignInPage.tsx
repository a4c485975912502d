import { useTranslation } from 'react-i18next'
import { Link, Redirect, useSearch } from 'wouter'
import { FailureNotice } from '../app/FailureNotice.tsx'
import { useScreenTitle } from '../app/screen.ts'
import { serverConnection } from '../app/server-connection.ts'
import { usePerson } from '../stores/person.ts'
import { Button, Card, PageHeader, TextField } from '../ui/index.ts'
import styles from './account.module.css'
import { checkSignIn } from './account-form.ts'
import { signIn } from './auth-api.ts'
import { nextPath, withNext } from './next-path.ts'
import { PasswordField } from './PasswordField.tsx'
import { useAccountForm } from './use-account-form.ts'

/** E-mail address and password; then back to where one came from. */
export function SignInPage() {
  const { t } = useTranslation('account')
  useScreenTitle(t('signIn.title'))
  const next = nextPath(useSearch())
  const signedIn = usePerson((state) => state.identity.state === 'person')
  const handle = useAccountForm({
    check: checkSignIn,
    send: async ({ email, password }) => {
      await signIn(serverConnection(), { email, password })
    },
  })
  if (signedIn) return <Redirect to={next} replace />
  return (
    <div className={styles.page}>
      <PageHeader title={t('signIn.title')} description={t('signIn.description')} />
      <Card padding="large">
        <form className={styles.form} onSubmit={handle.onSubmit} noValidate>
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
            autoComplete="current-password"
            value={handle.form.password}
            onChange={handle.set('password')}
            error={handle.errorOf('password')}
          />
          <FailureNotice failure={handle.failure} />
          <Button type="submit" variant="primary" wide pending={handle.pending} pendingLabel={t('signIn.pending')}>
            {t('signIn.submit')}
          </Button>
        </form>
      </Card>
      <p className={styles.other}>
        {t('signIn.noAccount')} <Link href={withNext('/register', next)}>{t('signIn.toRegister')}</Link>
      </p>
    </div>
  )
}
