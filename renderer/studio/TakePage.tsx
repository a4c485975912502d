import { ArrowLeft } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { LoadedContent } from '../app/FailureNotice.tsx'
import { formatLength, useMoment } from '../app/format.ts'
import { useScreenTitle } from '../app/screen.ts'
import { Card, ErrorState, LinkButton, Notice, PageHeader } from '../ui/index.ts'
import styles from './studio.module.css'
import { TakeActions } from './TakeActions.tsx'
import { TakeBadge } from './TakeBadge.tsx'
import { TrackList } from './TrackList.tsx'
import { lengthMsOf, type MyTake, stateOf } from './take-facts.ts'
import { useTakes } from './use-takes.ts'

/** One take: when, how long, who, and its files. */
export function TakePage({ takeId }: { takeId: string }) {
  const { t } = useTranslation('studio')
  const handle = useTakes()
  return (
    <div className={styles.column}>
      <Link href="/recordings" className={styles.back}>
        <ArrowLeft aria-hidden="true" />
        {t('back')}
      </Link>
      <LoadedContent handle={handle} loadingLabel={t('loading')} screen>
        {(takes) => {
          const take = takes.find((candidate) => candidate.takeId === takeId)
          return take === undefined ? <NotHere /> : <Take take={take} />
        }}
      </LoadedContent>
    </div>
  )
}

function NotHere() {
  const { t } = useTranslation('studio')
  useScreenTitle(t('notFound'))
  return (
    <ErrorState title={t('notFound')} screen action={<LinkButton href="/recordings">{t('back')}</LinkButton>}>
      {t('notFoundHelp')}
    </ErrorState>
  )
}

function Take({ take }: { take: MyTake }) {
  const { t } = useTranslation('studio')
  const moment = useMoment()
  useScreenTitle(t('take.of', { title: take.roomTitle }))
  return (
    <>
      <PageHeader
        title={take.roomTitle}
        badges={<TakeBadge take={take} />}
        description={
          <span className={styles.facts}>
            <span>{t('take.began', { when: moment(take.manifest.startedAtMs) })}</span>
            <span>{t('take.length', { length: formatLength(lengthMsOf(take, Date.now())) })}</span>
            <Link href={`/r/${take.roomId}`}>{t('take.showRoom')}</Link>
          </span>
        }
      />
      <Remarks take={take} />
      <section className={styles.section} aria-labelledby="tracks">
        <h2 id="tracks" className={styles.sectionTitle}>
          {t('take.tracks')}
        </h2>
        {take.manifest.tracks.length === 0 ? (
          <Card>
            <p className={styles.soft}>{t(take.manifest.endedAtMs === null ? 'noSpeakers' : 'take.noTracks')}</p>
          </Card>
        ) : (
          <TrackList take={take} />
        )}
      </section>
      <TakeActions take={take} />
    </>
  )
}

/** What one must know of this take before using it. */
function Remarks({ take }: { take: MyTake }) {
  const { t } = useTranslation('studio')
  const { endedBy, continues } = take.manifest
  const state = stateOf(take)
  return (
    <>
      {state === 'running' && <Notice>{t('take.running')}</Notice>}
      {state === 'sending' && <Notice>{t('take.sending')}</Notice>}
      {state === 'elsewhere' && <Notice>{t('take.elsewhere', { node: take.nodeName })}</Notice>}
      {continues !== null && <Notice>{t('continues')}</Notice>}
      {endedBy !== null && endedBy !== 'stopped' && endedBy !== 'room-ended' && (
        <Notice tone="warning">{t(`endedBy.${endedBy}`)}</Notice>
      )}
    </>
  )
}
