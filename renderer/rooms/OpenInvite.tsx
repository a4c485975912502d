import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { Button, Card, TextField } from '../ui/index.ts'
import { roomPath } from './invite-link.ts'
import { useInviteReader } from './use-invite-reader.ts'

/** The way into rooms that are not listed. The desktop app has no address bar to paste their link into. */
export function OpenInvite() {
  const { t } = useTranslation('rooms')
  const [, navigate] = useLocation()
  const read = useInviteReader()
  const [pasted, setPasted] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const found = read(pasted)
    switch (found.kind) {
      case 'room':
        return navigate(roomPath(found.roomId, found.invite))
      case 'elsewhere':
        return setProblem(t('page.inviteElsewhere', { server: found.server }))
      case 'code':
      case 'unreadable':
        return setProblem(t('home.openLinkUnreadable'))
    }
  }
  return (
    <Card>
      <form onSubmit={submit} noValidate>
        <TextField
          label={t('home.openLink')}
          description={t('home.openLinkHelp')}
          value={pasted}
          onChange={(value) => {
            setPasted(value)
            setProblem(null)
          }}
          error={problem}
          autoComplete="off"
          action={<Button type="submit">{t('home.openLinkSubmit')}</Button>}
        />
      </form>
    </Card>
  )
}
