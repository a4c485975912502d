import { MonitorSpeaker, Radio, Server } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RoomView } from '../../server/contract/views.ts'
import { computerKey } from '../app/computer-key.ts'
import { desktopBridge } from '../app/desktop.ts'
import { FailureNotice } from '../app/FailureNotice.tsx'
import { HostingError } from '../app/hosting.ts'
import { serverConnection } from '../app/server-connection.ts'
import { useAction } from '../app/use-action.ts'
import { useHosting } from '../stores/hosting.ts'
import { Badge, Button, Card, ConfirmDialog, Notice, showToast } from '../ui/index.ts'
import { SoundCheck } from './EntryForm.tsx'
import type { Entry } from './entry-memory.ts'
import { type GoLiveStep, goLive } from './go-live.ts'
import { InviteLink } from './InviteLink.tsx'
import styles from './rooms.module.css'

interface HostPanelProps {
  room: RoomView
  onEnter: (entry: Entry) => void
  onChanged: (room: RoomView) => void
}

/** Also what is live by name only, because the computer that ran it was lost: going live brings it back. */
function mayGoLive(room: RoomView): boolean {
  return room.status !== 'live' || !room.nodeUp
}

/** What only the host sees before entering: going live, the link, where it runs, the end. */
export function HostPanel({ room, onEnter, onChanged }: HostPanelProps) {
  const { t } = useTranslation('rooms')
  return (
    <Card padding="large" as="section" labelledBy="host-panel">
      <div className={styles.form}>
        <div className={styles.stackSmall}>
          <h2 id="host-panel" className={styles.sectionTitle}>
            {t('host.title')}
          </h2>
          <WhereItRuns room={room} />
        </div>
        {mayGoLive(room) && <GoLive room={room} onEnter={onEnter} onChanged={onChanged} />}
        <InviteLink room={room} onRenewed={onChanged} />
        {room.status === 'live' && <EndRoom room={room} onChanged={onChanged} />}
      </div>
    </Card>
  )
}

function WhereItRuns({ room }: { room: RoomView }) {
  const { t } = useTranslation('rooms')
  const status = useHosting((state) => state.status)
  if (room.hosting === 'relay') {
    return (
      <p className={styles.where}>
        <Server aria-hidden="true" />
        {t('host.runsOnRelay')}
      </p>
    )
  }
  const inBrowser = desktopBridge() === null
  const words = inBrowser
    ? t(room.status === 'live' ? 'host.runsElsewhere' : 'host.runsOnDesktop')
    : t('host.runsOnThisComputer')
  return (
    <div className={styles.stackSmall}>
      <p className={styles.where}>
        <MonitorSpeaker aria-hidden="true" />
        {words}
      </p>
      {!inBrowser && status.state !== 'off' && (
        <div role="status">
          <Badge tone={HOSTING_TONES[status.state]} dot>
            {t(`hosting.${status.state}`)}
          </Badge>
        </div>
      )}
    </div>
  )
}

const HOSTING_TONES = {
  starting: 'neutral',
  hosting: 'success',
  restarting: 'warning',
  failed: 'danger',
} as const

function GoLive({ room, onEnter, onChanged }: HostPanelProps) {
  const { t } = useTranslation('rooms')
  const [step, setStep] = useState<GoLiveStep>('opening')
  const [hostingProblem, setHostingProblem] = useState<string | null>(null)
  const bridge = desktopBridge()
  const live = useAction(async () => {
    setHostingProblem(null)
    try {
      const computer = computerKey()
      onChanged(await goLive({ connection: serverConnection(), bridge, room, computer, onStep: setStep }))
      onEnter({ name: null })
    } catch (error) {
      if (!(error instanceof HostingError)) throw error
      setHostingProblem(error.message)
    }
  })
  if (room.hosting === 'desktop' && bridge === null) return null
  return (
    <div className={styles.stack}>
      <p>{t(room.status === 'ended' ? 'host.goLiveAgainHelp' : 'host.goLiveHelp')}</p>
      <div className={styles.buttons}>
        <Button
          variant="primary"
          size="large"
          icon={<Radio aria-hidden="true" />}
          onPress={live.run}
          pending={live.pending}
          pendingLabel={t(`host.steps.${step}`)}
        >
          {t(room.status === 'draft' ? 'host.goLive' : 'host.goLiveAgain')}
        </Button>
        <SoundCheck />
      </div>
      <FailureNotice failure={live.failure} />
      {hostingProblem !== null && (
        <Notice tone="danger" title={t('host.hostingFailed')} announce>
          {t('host.hostingFailedHelp')} {t('host.hostingDetail', { detail: hostingProblem })}
        </Notice>
      )}
    </div>
  )
}

function EndRoom({ room, onChanged }: Pick<HostPanelProps, 'room' | 'onChanged'>) {
  const { t } = useTranslation('rooms')
  const app = useTranslation('app')
  const [asking, setAsking] = useState(false)
  const end = useAction(async () => {
    onChanged(await serverConnection().client.rooms.end.mutate({ roomId: room.roomId }))
    setAsking(false)
    showToast('success', t('host.ended'))
  })
  return (
    <div>
      <Button variant="quiet" onPress={() => setAsking(true)}>
        {t('host.end')}
      </Button>
      <ConfirmDialog
        open={asking}
        danger
        title={t('host.endTitle')}
        confirmLabel={t('host.endConfirm')}
        cancelLabel={app.t('cancel')}
        pending={end.pending}
        pendingLabel={t('host.endPending')}
        onConfirm={end.run}
        onCancel={() => setAsking(false)}
      >
        <p>{t('host.endBody')}</p>
        <FailureNotice failure={end.failure} />
      </ConfirmDialog>
    </div>
  )
}
