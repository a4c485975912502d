import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useSearch } from 'wouter'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import { useReasonWords } from '../app/FailureNotice.tsx'
import { useScreenTitle } from '../app/screen.ts'
import { Button, Card, PageHeader, TextField } from '../ui/index.ts'
import { roomPath } from './invite-link.ts'
import styles from './rooms.module.css'
import { useInviteReader } from './use-invite-reader.ts'

/** In place of a private room, for those who came without its link or with a code that does not open it. */
export function InviteCodeForm({ roomId }: { roomId: RoomId }) {
  const { t } = useTranslation('rooms')
  const words = useReasonWords('invite-needed')
  useScreenTitle(words.title)
  const [, navigate] = useLocation()
  const read = useInviteReader()
  // This form stands here, so the code in the address was refused.
  const refused = new URLSearchParams(useSearch()).get('invite') ?? ''
  const [pasted, setPasted] = useState(refused)
  const [problem, setProblem] = useState<string | null>(refused === '' ? null : t('page.inviteWrong'))
  const tryCode = (code: string) => {
    if (code === refused) setProblem(t('page.inviteWrong'))
    else navigate(roomPath(roomId, code))
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const found = read(pasted)
    switch (found.kind) {
      case 'code':
        return tryCode(found.code)
      case 'room':
        if (found.roomId !== roomId) return navigate(roomPath(found.roomId, found.invite))
        return found.invite === null ? setProblem(t('page.inviteMissing')) : tryCode(found.invite)
      case 'elsewhere':
        return setProblem(t('page.inviteElsewhere', { server: found.server }))
      case 'unreadable':
        return setProblem(t('page.inviteMissing'))
    }
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
              setProblem(null)
            }}
            error={problem}
            autoFocus={refused !== ''}
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
