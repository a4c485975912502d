import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import type { RoomView } from '../../server/contract/views.ts'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import { useReasonWords } from '../app/FailureNotice.tsx'
import { Avatar, Card, EmptyState, LinkButton, Loading, Notice, PageHeader } from '../ui/index.ts'
import { EntryForm } from './EntryForm.tsx'
import type { Entry } from './entry-memory.ts'
import { RoomBadges } from './RoomBadges.tsx'
import { RoomFigures } from './RoomList.tsx'
import styles from './rooms.module.css'

const HostPanel = lazy(async () => ({ default: (await import('./HostPanel.tsx')).HostPanel }))

interface LobbyProps {
  room: RoomView
  /** Why the stage was left, just before; null where it was not. */
  leftBy: ReasonCode | null
  onEnter: (entry: Entry) => void
  onChanged: (room: RoomView) => void
}

/** A room seen from the garden: what it is, who hosts it, and how one comes in. */
export function Lobby({ room, leftBy, onEnter, onChanged }: LobbyProps) {
  const { t } = useTranslation('rooms')
  const app = useTranslation('app')
  return (
    <div className={styles.column}>
      <PageHeader
        title={room.title}
        badges={<RoomBadges room={room} />}
        description={
          <span className={styles.facts}>
            <span className={styles.host}>
              <Avatar name={room.hostName} size="small" />
              {t('hostedBy', { name: room.hostName })}
            </span>
            <RoomFigures room={room} />
          </span>
        }
      />
      {leftBy !== null && !(leftBy === 'room-ended' && room.status === 'ended') && <LeftNotice reason={leftBy} />}
      {room.description !== '' && <p className={styles.description}>{room.description}</p>}
      {room.status === 'live' && !room.nodeUp && (
        <Notice tone="warning" announce>
          {t('page.nodeDown')}
        </Notice>
      )}
      {room.status === 'ended' && <Ended room={room} />}
      {room.status === 'draft' && !room.mine && <NotLive />}
      {room.status === 'live' && <EntryForm room={room} onEnter={onEnter} />}
      {room.mine && (
        <Suspense fallback={<Loading label={app.t('loading')} />}>
          <HostPanel room={room} onEnter={onEnter} onChanged={onChanged} />
        </Suspense>
      )}
    </div>
  )
}

const BY_OWN_WILL: readonly ReasonCode[] = ['left', 'room-ended', 'replaced']

function LeftNotice({ reason }: { reason: ReasonCode }) {
  const words = useReasonWords(reason)
  return (
    <Notice tone={BY_OWN_WILL.includes(reason) ? 'info' : 'danger'} title={words.title} announce>
      {words.help}
    </Notice>
  )
}

function NotLive() {
  const { t } = useTranslation('rooms')
  return (
    <Card>
      <EmptyState title={t('page.notLive')}>{t('page.openByItself')}</EmptyState>
    </Card>
  )
}

function Ended({ room }: { room: RoomView }) {
  const { t } = useTranslation('rooms')
  const app = useTranslation('app')
  return (
    <Card>
      <EmptyState
        title={t('page.ended')}
        action={
          room.mine ? (
            <LinkButton href={`/recordings?room=${room.roomId}`}>{t('page.toRecordings')}</LinkButton>
          ) : (
            <LinkButton href="/">{app.t('toRooms')}</LinkButton>
          )
        }
      >
        {room.mine ? t('page.endedHostHelp') : t('page.endedHelp')}
      </EmptyState>
    </Card>
  )
}
