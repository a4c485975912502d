import { SlidersHorizontal } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import { Link, useLocation, useSearch } from 'wouter'
import type { RoomView } from '../../server/contract/views.ts'
import { NAME_MAX_CHARS } from '../../sfu-core/contract/limits.ts'
import { withNext } from '../account/next-path.ts'
import { LazyDeviceSettings } from '../devices/LazyDeviceSettings.tsx'
import { usePerson } from '../stores/person.ts'
import { usePreferences } from '../stores/preferences.ts'
import { Button, Card, Dialog, TextField } from '../ui/index.ts'
import type { Entry } from './entry-memory.ts'
import styles from './rooms.module.css'

interface EntryFormProps {
  room: RoomView
  onEnter: (entry: Entry) => void
}

/** The door of a live room: a name for guests, a look at the devices, and in. */
export function EntryForm({ room, onEnter }: EntryFormProps) {
  const { t } = useTranslation('rooms')
  const identity = usePerson((state) => state.identity.state)
  const { guestName, setGuestName } = usePreferences()
  const [name, setName] = useState(guestName)
  const [missing, setMissing] = useState(false)
  const guest = identity === 'guest'

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!guest) return onEnter({ name: null })
    const trimmed = name.trim()
    setMissing(trimmed === '')
    if (trimmed === '') return event.currentTarget.querySelector<HTMLInputElement>('[name="guest-name"]')?.focus()
    setGuestName(trimmed)
    onEnter({ name: trimmed })
  }

  return (
    <Card padding="large" as="section" labelledBy="come-in">
      <form className={styles.form} onSubmit={submit} noValidate>
        <div>
          <h2 id="come-in" className={styles.sectionTitle}>
            {t('page.lobbyTitle')}
          </h2>
          <p className={styles.soft}>
            {room.mine ? t('page.lobbyHostHelp') : t('page.lobbyHelp')}{' '}
            {room.recording && !room.mine && t('page.recordedHelp')}
          </p>
        </div>
        {guest && (
          <div className={styles.stackSmall}>
            <TextField
              label={t('page.guestName')}
              name="guest-name"
              autoComplete="nickname"
              maxLength={NAME_MAX_CHARS}
              required
              value={name}
              onChange={(value) => {
                setName(value)
                setMissing(false)
              }}
              error={missing ? t('page.guestNameMissing') : null}
            />
            <GuestHint />
          </div>
        )}
        <div className={styles.buttons}>
          <Button type="submit" variant="primary" size="large" disabled={identity === 'unknown'}>
            {t('page.join')}
          </Button>
          <SoundCheck />
        </div>
      </form>
    </Card>
  )
}

function GuestHint() {
  const { t } = useTranslation('rooms')
  const [path] = useLocation()
  const search = useSearch()
  const here = search === '' ? path : `${path}?${search}`
  return (
    <p className={styles.soft}>
      <Trans t={t} i18nKey="page.guestNameHelp" components={{ signIn: <Link href={withNext('/sign-in', here)} /> }} />
    </p>
  )
}

/** Opens the choice and the test of microphone and speaker. */
export function SoundCheck() {
  const { t } = useTranslation('rooms')
  const app = useTranslation('app')
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button size="large" icon={<SlidersHorizontal aria-hidden="true" />} onPress={() => setOpen(true)}>
        {t('page.checkSound')}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={t('page.soundTitle')} closeLabel={app.t('close')}>
        <LazyDeviceSettings />
      </Dialog>
    </>
  )
}
