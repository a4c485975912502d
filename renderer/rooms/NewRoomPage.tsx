import { Cloud, Globe, HardDrive, Link2, Lock, MonitorSpeaker, Server } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { Hosting, RecordingsKept, Visibility } from '../../server/contract/views.ts'
import { DESCRIPTION_MAX_CHARS, TITLE_MAX_CHARS } from '../../sfu-core/contract/limits.ts'
import { type AudiencePacketMs, DEFAULT_AUDIENCE_PACKET_MS } from '../../sfu-core/contract/media.ts'
import { desktopBridge } from '../app/desktop.ts'
import { FailureNotice } from '../app/FailureNotice.tsx'
import { useScreenTitle } from '../app/screen.ts'
import { serverConnection } from '../app/server-connection.ts'
import { useAction } from '../app/use-action.ts'
import { Disclosure, RadioGroup, type RadioOption } from '../ui/forms.ts'
import { Button, Card, LinkButton, PageHeader, TextArea, TextField } from '../ui/index.ts'
import styles from './rooms.module.css'
import { SoundForListeners } from './SoundForListeners.tsx'

/** Everything about a room before it exists. */
export function NewRoomPage() {
  const { t } = useTranslation('rooms')
  const app = useTranslation('app')
  useScreenTitle(t('create.title'))
  const [, navigate] = useLocation()
  const [title, setTitle] = useState('')
  const [titleMissing, setTitleMissing] = useState(false)
  const [description, setDescription] = useState('')
  const [visibility, setVisibility] = useState<Visibility>('public')
  const [hosting, setHosting] = useState<Hosting>(desktopBridge() === null ? 'relay' : 'desktop')
  const [recordingsKept, setRecordingsKept] = useState<RecordingsKept>('server')
  const [audiencePacketMs, setAudiencePacketMs] = useState<AudiencePacketMs>(DEFAULT_AUDIENCE_PACKET_MS)
  const create = useAction(async () => {
    const kept = hosting === 'desktop' ? recordingsKept : 'server'
    const wish = { title, description, visibility, hosting, recordingsKept: kept, audiencePacketMs } as const
    const room = await serverConnection().client.rooms.create.mutate(wish)
    navigate(`/r/${room.roomId}`)
  })

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const missing = title.trim() === ''
    setTitleMissing(missing)
    if (missing) event.currentTarget.querySelector<HTMLInputElement>('[name="title"]')?.focus()
    else create.run()
  }

  return (
    <div className={styles.column}>
      <PageHeader title={t('create.title')} description={t('create.description')} />
      <Card padding="large">
        <form className={styles.form} onSubmit={submit} noValidate>
          <TextField
            label={t('create.name')}
            name="title"
            placeholder={t('create.namePlaceholder')}
            required
            maxLength={TITLE_MAX_CHARS}
            value={title}
            onChange={(value) => {
              setTitle(value)
              setTitleMissing(false)
            }}
            error={titleMissing ? t('create.nameMissing') : null}
          />
          <TextArea
            label={t('create.about')}
            description={t('create.aboutHelp')}
            maxLength={DESCRIPTION_MAX_CHARS}
            rows={3}
            value={description}
            onChange={setDescription}
          />
          <VisibilityChoice value={visibility} onChange={setVisibility} />
          <HostingChoice value={hosting} onChange={setHosting} />
          {hosting === 'desktop' && <KeptChoice value={recordingsKept} onChange={setRecordingsKept} />}
          <Disclosure
            label={t('create.more')}
            summary={t('create.moreSound', { choice: t(`sound.ms${audiencePacketMs}.name`) })}
          >
            <SoundForListeners value={audiencePacketMs} onChange={setAudiencePacketMs} />
          </Disclosure>
          <FailureNotice failure={create.failure} />
          <div className={styles.formEnd}>
            <LinkButton href="/" variant="quiet">
              {app.t('cancel')}
            </LinkButton>
            <Button type="submit" variant="primary" pending={create.pending} pendingLabel={t('create.pending')}>
              {t('create.submit')}
            </Button>
          </div>
        </form>
      </Card>
    </div>
  )
}

interface ChoiceProps<Value> {
  value: Value
  onChange: (value: Value) => void
}

function VisibilityChoice({ value, onChange }: ChoiceProps<Visibility>) {
  const { t } = useTranslation('rooms')
  return (
    <RadioGroup
      label={t('create.visibility')}
      value={value}
      onChange={onChange}
      options={[
        { value: 'public', label: t('visibility.public'), description: t('create.public'), icon: <Globe /> },
        { value: 'unlisted', label: t('visibility.unlisted'), description: t('create.unlisted'), icon: <Link2 /> },
        { value: 'private', label: t('visibility.private'), description: t('create.private'), icon: <Lock /> },
      ]}
    />
  )
}

function HostingChoice({ value, onChange }: ChoiceProps<Hosting>) {
  const { t } = useTranslation('rooms')
  const inBrowser = desktopBridge() === null
  const relay: RadioOption<Hosting> = {
    value: 'relay',
    label: t('create.relay'),
    description: t('create.relayHelp'),
    icon: <Server />,
  }
  const desktop: RadioOption<Hosting> = {
    value: 'desktop',
    label: t('create.desktop'),
    description: inBrowser ? t('create.desktopInBrowser') : t('create.desktopHelp'),
    icon: <MonitorSpeaker />,
    disabled: inBrowser,
  }
  return (
    <RadioGroup
      label={t('create.hosting')}
      value={value}
      onChange={onChange}
      options={inBrowser ? [relay, desktop] : [desktop, relay]}
    />
  )
}

/** Where recordings stay, of a room on the host's own computer. */
function KeptChoice({ value, onChange }: ChoiceProps<RecordingsKept>) {
  const { t } = useTranslation('rooms')
  return (
    <RadioGroup
      label={t('create.kept')}
      value={value}
      onChange={onChange}
      options={[
        { value: 'server', label: t('create.keptServer'), description: t('create.keptServerHelp'), icon: <Cloud /> },
        { value: 'host', label: t('create.keptHost'), description: t('create.keptHostHelp'), icon: <HardDrive /> },
      ]}
    />
  )
}
