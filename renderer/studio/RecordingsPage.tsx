import { AudioLines } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link, useSearch } from 'wouter'
import './words.ts'
import { LoadedContent } from '../app/FailureNotice.tsx'
import { formatLength, useMoment } from '../app/format.ts'
import { useScreenTitle } from '../app/screen.ts'
import { Card, EmptyState, LinkButton, PageHeader } from '../ui/index.ts'
import styles from './studio.module.css'
import { TakeBadge } from './TakeBadge.tsx'
import { lengthMsOf, listed, type MyTake, speakerCountOf } from './take-facts.ts'
import { useTakes } from './use-takes.ts'

/** All takes of one's rooms; of one room with `?room=`. */
export function RecordingsPage() {
  const { t } = useTranslation('studio')
  const roomId = new URLSearchParams(useSearch()).get('room')
  const title = roomId === null ? t('title') : t('ofRoom')
  useScreenTitle(title)
  const handle = useTakes()
  return (
    <div className={styles.page}>
      <PageHeader
        title={title}
        description={t('description')}
        actions={roomId !== null && <LinkButton href="/recordings">{t('showAll')}</LinkButton>}
      />
      <LoadedContent handle={handle} loadingLabel={t('loading')}>
        {(takes) => <TakeList takes={listed(takes, roomId)} />}
      </LoadedContent>
    </div>
  )
}

function TakeList({ takes }: { takes: readonly MyTake[] }) {
  const { t } = useTranslation('studio')
  if (takes.length === 0) {
    return (
      <Card>
        <EmptyState
          icon={<AudioLines />}
          title={t('empty')}
          action={<LinkButton href="/">{t('emptyAction')}</LinkButton>}
        >
          {t('emptyHelp')}
        </EmptyState>
      </Card>
    )
  }
  return (
    <Card padding="none">
      <ul className={styles.list}>
        {takes.map((take) => (
          <li key={take.takeId}>
            <TakeRow take={take} />
          </li>
        ))}
      </ul>
    </Card>
  )
}

function TakeRow({ take }: { take: MyTake }) {
  const { t } = useTranslation('studio')
  const moment = useMoment()
  const speakers = speakerCountOf(take)
  return (
    <Link href={`/recordings/${take.takeId}`} className={styles.row}>
      <span className={styles.rowWords}>
        <span className={styles.rowTitle}>{take.roomTitle}</span>
        <span className={styles.soft}>
          {moment(take.manifest.startedAtMs)} · {speakers === 0 ? t('noSpeakers') : t('speakers', { count: speakers })}
        </span>
      </span>
      <span className={styles.rowState}>
        <span className={styles.length}>{formatLength(lengthMsOf(take, Date.now()))}</span>
        <TakeBadge take={take} />
      </span>
    </Link>
  )
}
