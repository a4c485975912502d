import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import { useReasonWords } from '../app/FailureNotice.tsx'
import { useScreenTitle } from '../app/screen.ts'
import { Button, Card, PageHeader, TextField } from '../ui/index.ts'
import { inviteCodeIn } from './invite-link.ts'
import styles from './rooms.module.css'

/** In place of a private room, for those who came without its link. */
export function InviteCodeForm({ roomId }: { roomId: RoomId }) {
  const { t } = useTranslation('rooms')
  const words = useReasonWords('invite-needed')
  useScreenTitle(words.title)
  const [, navigate] = useLocation()
  const [pasted, setPasted] = useState('')
  const [missing, setMissing] = useState(false)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const code = inviteCodeIn(pasted)
    setMissing(code === '')
    if (code !== '') navigate(`/r/${roomId}?invite=${encodeURIComponent(code)}`)
  }
  return (
    <div className={styles.column}>
      <PageHeader title={words.title} description={words.help} />
      <Card padding="large">
        <form className={styles.form} onSubmit={submit} noValidate>
          <TextField
            label={t('page.inviteField')}
            value={pasted}
            onChange={(value) => {
              setPasted(value)
              setMissing(false)
            }}
            error={missing ? t('page.inviteMissing') : null}
          />
          <div>
            <Button type="submit" variant="primary">
              {t('page.inviteSubmit')}
            </Button>
          </div>
        </form>
      </Card>
    </div>
  )
}
