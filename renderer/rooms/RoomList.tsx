import { Ear, Mic } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { RoomView } from '../../server/contract/views.ts'
import { useMoment } from '../app/format.ts'
import { Avatar, Card } from '../ui/index.ts'
import { RoomBadges } from './RoomBadges.tsx'
import styles from './rooms.module.css'

/** Rooms as rows; a row is one link. */
export function RoomList({ rooms, labelledBy }: { rooms: readonly RoomView[]; labelledBy: string }) {
  return (
    <Card padding="none">
      <ul className={styles.list} aria-labelledby={labelledBy}>
        {rooms.map((room) => (
          <li key={room.roomId}>
            <RoomRow room={room} />
          </li>
        ))}
      </ul>
    </Card>
  )
}

function RoomRow({ room }: { room: RoomView }) {
  const { t } = useTranslation('rooms')
  return (
    <Link href={`/r/${room.roomId}`} className={styles.row}>
      <Avatar name={room.hostName} />
      <span className={styles.rowWords}>
        <span className={styles.rowTitle}>{room.title}</span>
        <span className={styles.soft}>{t('hostedBy', { name: room.hostName })}</span>
      </span>
      <span className={styles.rowState}>
        <span className={styles.badges}>
          <RoomBadges room={room} />
        </span>
        <RoomFigures room={room} />
      </span>
    </Link>
  )
}

/** How many are there; or when it was, where nobody can be. */
export function RoomFigures({ room }: { room: RoomView }) {
  const { t } = useTranslation('rooms')
  const moment = useMoment()
  switch (room.status) {
    case 'live':
      return (
        <span className={styles.figures}>
          <span className={styles.figure}>
            <Mic aria-hidden="true" />
            {t('onStage', { count: room.onStageCount })}
          </span>
          <span className={styles.figure}>
            <Ear aria-hidden="true" />
            {t('listeners', { count: room.listenerCount })}
          </span>
        </span>
      )
    case 'draft':
      return <span className={styles.figures}>{t('createdAt', { when: moment(room.createdAtMs) })}</span>
    case 'ended':
      return (
        <span className={styles.figures}>{t('endedAt', { when: moment(room.endedAtMs ?? room.createdAtMs) })}</span>
      )
  }
}
