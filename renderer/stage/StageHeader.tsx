import { Copy, LogOut, Signal, SignalLow, SignalMedium } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMoment } from '../app/format.ts'
import { patiently } from '../app/patiently.ts'
import { useInviteOrigin } from '../app/server-info.ts'
import { inviteLink } from '../rooms/invite-link.ts'
import { Badge, Button, ConfirmDialog, PageHeader, showToast } from '../ui/index.ts'
import { RecordingControl } from './RecordingControl.tsx'
import { RoomSettings } from './RoomSettings.tsx'
import styles from './stage.module.css'
import { useStage, useView } from './stage-context.ts'
import type { StageModel } from './stage-model.ts'
import { useAttempt } from './use-act.ts'
import { useCell } from './use-cell.ts'

/** What room this is, how it goes, and the ways out. */
export function StageHeader({ model, onLeave }: { model: StageModel; onLeave: () => void }) {
  const { t } = useTranslation('stage')
  const { room, people } = useView()
  const moment = useMoment()
  return (
    <div className={styles.head}>
      <PageHeader
        title={room.title}
        badges={
          <>
            <Badge tone="live">{t('header.live')}</Badge>
            {people.recording !== null && (
              <Badge tone="danger" dot>
                {t('header.recording', { time: moment(people.recording.startedAtMs) })}
              </Badge>
            )}
          </>
        }
        description={
          <span className={styles.facts}>
            <span>{t('header.hostedBy', { name: room.hostName })}</span>
            <span>{t('header.listeners', { count: model.audience.length })}</span>
            <QualityWords />
          </span>
        }
        actions={
          <>
            {model.moderating && <RecordingControl />}
            <CopyInvite />
            {model.moderating && <RoomSettings />}
            {model.hosting && <EndRoom />}
            <Button icon={<LogOut aria-hidden="true" />} onPress={onLeave}>
              {t('header.leave')}
            </Button>
          </>
        }
      />
    </div>
  )
}

const QUALITY_ICONS = { unknown: Signal, good: Signal, fair: SignalMedium, poor: SignalLow }

function QualityWords() {
  const { t } = useTranslation('stage')
  const { state } = useView()
  const quality = useCell(useStage().session.quality)
  if (state.phase !== 'connected') return null
  const Icon = QUALITY_ICONS[quality.grade]
  const words =
    quality.grade === 'fair' || quality.grade === 'poor'
      ? t(`quality.${quality.grade}.${quality.trouble}`)
      : t(`quality.${quality.grade}`)
  return (
    <span className={styles.quality} data-grade={quality.grade}>
      <Icon aria-hidden="true" />
      {t('quality.label')}: {words}
    </span>
  )
}

function CopyInvite() {
  const { t } = useTranslation('stage')
  const { room } = useView()
  const origin = useInviteOrigin()
  const copy = async () => {
    const link = inviteLink(origin, room)
    try {
      await navigator.clipboard.writeText(link)
      showToast('success', t('header.copied'))
    } catch {
      showToast('warning', t('header.copyFailed', { link }))
    }
  }
  return (
    <Button icon={<Copy aria-hidden="true" />} onPress={copy}>
      {t('header.copyInvite')}
    </Button>
  )
}

/** With its words, as RecordingStrip. */
const StillToCome = lazy(async () => ({ default: (await patiently(() => import('./StillToCome.tsx'))).StillToCome }))

function EndRoom() {
  const { t } = useTranslation('stage')
  const { session } = useStage()
  const concerned = useCell(session.strip, (strip) => strip !== null && strip.length > 0)
  const attempt = useAttempt()
  const [asking, setAsking] = useState(false)
  const [pending, setPending] = useState(false)
  const end = async () => {
    setPending(true)
    await attempt(() => session.endRoom())
    setPending(false)
    setAsking(false)
  }
  return (
    <>
      <Button variant="danger" onPress={() => setAsking(true)}>
        {t('header.end')}
      </Button>
      <ConfirmDialog
        open={asking}
        danger
        pending={pending}
        title={t('header.endTitle')}
        confirmLabel={t('header.endConfirm')}
        cancelLabel={t('header.cancel')}
        onConfirm={end}
        onCancel={() => setAsking(false)}
      >
        <p>{t('header.endText')}</p>
        {concerned && (
          <Suspense fallback={null}>
            <StillToCome />
          </Suspense>
        )}
      </ConfirmDialog>
    </>
  )
}
