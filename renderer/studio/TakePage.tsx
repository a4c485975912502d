import { ArrowLeft, AudioWaveform } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import './words.ts'
import { LoadedContent } from '../app/FailureNotice.tsx'
import { formatLength, useMoment } from '../app/format.ts'
import { useScreenTitle } from '../app/screen.ts'
import { Card, LinkButton, Notice, PageHeader } from '../ui/index.ts'
import { Exports } from './exports/Exports.tsx'
import { StudioHere } from './here/StudioHere.tsx'
import { NotHere } from './NotHere.tsx'
import { ConsentList } from './report/ConsentList.tsx'
import { ReportCard } from './report/ReportCard.tsx'
import { SpeakerList } from './report/SpeakerList.tsx'
import styles from './studio.module.css'
import { useStudioTake } from './studio-api.ts'
import { TakeActions } from './TakeActions.tsx'
import { TakeBadge } from './TakeBadge.tsx'
import { TrackList } from './TrackList.tsx'
import { lengthMsOf, type MyTake, stateOf } from './take-facts.ts'
import { useTakeFiles } from './take-files.ts'
import { useTakes } from './use-takes.ts'

/** One take: how complete it is, its speakers, what was made of it, and who agreed. */
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
      <Studio take={take} />
    </>
  )
}

/** What the studio has of the take. */
function Studio({ take }: { take: MyTake }) {
  const { t } = useTranslation('studio')
  const { handle, jobs } = useStudioTake(take.takeId)
  const { loaded } = useTakeFiles(take.takeId)
  const files = loaded.state === 'ready' ? loaded.value : null
  return (
    <LoadedContent handle={handle} loadingLabel={t('loading')}>
      {(view) =>
        view.take.recordingsKept === 'host' ? (
          <>
            <StudioHere view={view} put={handle.put} />
            <ConsentList consents={view.consents} />
            <TakeActions take={take} />
          </>
        ) : (
          <>
            {view.report !== null && view.report.tracks.length > 0 && <EditLink takeId={take.takeId} />}
            <ReportCard view={view} jobs={jobs} files={files} />
            {view.report === null ? (
              <RoomTracks take={take} />
            ) : (
              <SpeakerList view={view} report={view.report} files={files} put={handle.put} />
            )}
            <Exports takeId={take.takeId} jobs={jobs} files={files} ready={view.report !== null} />
            <ConsentList consents={view.consents} />
            <TakeActions take={take} />
          </>
        )
      }
    </LoadedContent>
  )
}

function EditLink({ takeId }: { takeId: string }) {
  const { t } = useTranslation('studio')
  return (
    <div className={styles.buttons}>
      <LinkButton
        href={`/recordings/${takeId}/edit`}
        variant="primary"
        size="large"
        icon={<AudioWaveform aria-hidden="true" />}
      >
        {t('take.edit')}
      </LinkButton>
    </div>
  )
}

/** While there is nothing better: what the room heard. */
function RoomTracks({ take }: { take: MyTake }) {
  const { t } = useTranslation('studio')
  return (
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
