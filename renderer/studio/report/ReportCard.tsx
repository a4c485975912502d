import { CircleCheck, CircleDashed, FileCheck, FileText, RefreshCw, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { JobView, StudioTakeView } from '../../../server/contract/views.ts'
import {
  type StudioTrack,
  TAKE_REPORT_JWS_NAME,
  TAKE_REPORT_NAME,
  type TakeReport,
} from '../../../sfu-core/contract/take-report.ts'
import { FailureNotice, useReasonWords } from '../../app/FailureNotice.tsx'
import { useMoment } from '../../app/format.ts'
import { useAction } from '../../app/use-action.ts'
import { ProgressBar } from '../../ui/forms.ts'
import { Button, Card, cx, DownloadButton, Notice } from '../../ui/index.ts'
import { isUnderWay, newestOf, percentOf } from '../exports/job-facts.ts'
import studio from '../studio.module.css'
import { studioApi } from '../studio-api.ts'
import type { TakeFiles } from '../take-files.ts'
import { useLengthWords } from '../use-lengths.ts'
import styles from './report.module.css'
import { stillToSend, trackFacts, type Verdict, verdictOf } from './report-facts.ts'

interface ReportCardProps {
  view: StudioTakeView
  jobs: readonly JobView[] | null
  files: TakeFiles | null
}

/** How complete the take is, in words to trust; what is still on its way; the signed report. */
export function ReportCard({ view, jobs, files }: ReportCardProps) {
  const { t } = useTranslation('studio')
  const assembling = newestOf(jobs ?? [], 'assemble')
  return (
    <section className={studio.section} aria-labelledby="report">
      <h2 id="report" className={studio.sectionTitle}>
        {t('report.title')}
      </h2>
      <Card padding="large">
        <div className={styles.report}>
          {view.report === null ? <NoReport view={view} /> : <Outcome report={view.report} />}
          <StillToSend view={view} />
          <Assembling view={view} job={assembling} />
          {view.report !== null && files !== null && <ReportFiles report={view.report} files={files} />}
        </div>
      </Card>
    </section>
  )
}

const LOOKS = {
  complete: { icon: <CircleCheck aria-hidden="true" />, tone: styles.good },
  filled: { icon: <TriangleAlert aria-hidden="true" />, tone: styles.fair },
  missing: { icon: <TriangleAlert aria-hidden="true" />, tone: styles.bad },
  empty: { icon: <CircleDashed aria-hidden="true" />, tone: styles.plain },
} as const

/** How the take came out, in words. */
export function Outcome({ report }: { report: TakeReport }) {
  const verdict = verdictOf(report)
  const words = useVerdictWords(verdict)
  return (
    <Headline icon={LOOKS[verdict.kind].icon} tone={LOOKS[verdict.kind].tone} title={words.title} help={words.help}>
      {verdict.kind !== 'complete' && verdict.kind !== 'empty' && <Exceptions report={report} />}
    </Headline>
  )
}

interface HeadlineProps {
  icon: ReactNode
  tone: string | undefined
  title: string
  help: string
  children?: ReactNode
}

function Headline({ icon, tone, title, help, children }: HeadlineProps) {
  return (
    <div className={cx(styles.headline, tone)}>
      <span className={styles.headlineIcon}>{icon}</span>
      <div className={styles.headlineWords}>
        <p className={styles.verdict}>{title}</p>
        {children}
        <p className={studio.soft}>{help}</p>
      </div>
    </div>
  )
}

function useVerdictWords(verdict: Verdict): { title: string; help: string } {
  const { t } = useTranslation('studio')
  const length = useLengthWords()
  switch (verdict.kind) {
    case 'complete':
      return { title: t('report.complete', { count: verdict.speakerCount }), help: t('report.completeHelp') }
    case 'filled':
      return {
        title: t('report.filled', { count: verdict.gapCount, length: length(verdict.gapMs) }),
        help: t('report.filledHelp'),
      }
    case 'missing':
      return {
        title: t('report.missing', { count: verdict.gapCount, length: length(verdict.silentMs) }),
        help: t('report.missingHelp'),
      }
    case 'empty':
      return { title: t('report.empty'), help: t('report.emptyHelp') }
  }
}

/** A sentence for each track that is not whole. */
function Exceptions({ report }: { report: TakeReport }) {
  const sentence = useTrackSentence()
  return (
    <ul className={styles.exceptions}>
      {report.tracks.map((track) => {
        const words = sentence(track)
        return words !== null && <li key={track.file}>{words}</li>
      })}
    </ul>
  )
}

function useTrackSentence(): (track: StudioTrack) => string | null {
  const { t } = useTranslation('studio')
  const length = useLengthWords()
  return (track) => {
    const { outcome, gapCount: count, gapMs, silentMs } = trackFacts(track)
    const words = { name: track.name, count, length: length(gapMs), silent: length(silentMs) }
    switch (outcome) {
      case 'whole':
      case 'absent':
        return null
      case 'filled':
        return t('report.speakerFilled', words)
      case 'silent':
        return t('report.speakerSilent', words)
      case 'mixed':
        return t('report.speakerMixed', words)
      case 'room-only':
        return t('report.speakerRoomOnly', words)
    }
  }
}

function NoReport({ view }: { view: StudioTakeView }) {
  const { t } = useTranslation('studio')
  const isRunning = view.take.manifest.endedAtMs === null
  return (
    <Headline
      icon={LOOKS.empty.icon}
      tone={styles.plain}
      title={t(isRunning ? 'report.running' : 'report.notYet')}
      help={t('report.notYetHelp')}
    />
  )
}

function StillToSend({ view }: { view: StudioTakeView }) {
  const { t } = useTranslation('studio')
  const length = useLengthWords()
  const pending = stillToSend(view.standings)
  if (pending.length === 0 || view.take.manifest.endedAtMs === null) return null
  return (
    <Notice tone="warning">
      {pending.map(({ name, lengthMs }) => (
        <p key={name} className={styles.pending}>
          {t('report.stillToSend', { name, length: length(lengthMs) })}
        </p>
      ))}
      <p>{t('report.stillToSendHelp')}</p>
    </Notice>
  )
}

/** Where the tracks are being made or can be made anew. */
function Assembling({ view, job }: { view: StudioTakeView; job: JobView | null }) {
  const { t } = useTranslation('studio')
  if (job !== null && isUnderWay(job)) return <AssembleProgress job={job} />
  const failed = job?.state === 'failed' && (view.report === null || view.isStale)
  if (failed) return <AssembleFailed view={view} job={job} />
  if (view.report !== null && view.isStale) {
    return (
      <Notice title={t('report.stale')} action={<Assemble view={view} words={t('report.assembleAgain')} />}>
        {t('report.staleHelp')}
      </Notice>
    )
  }
  if (view.report !== null || view.take.manifest.endedAtMs === null) return null
  return <Assemble view={view} words={t('report.assemble')} />
}

function AssembleProgress({ job }: { job: JobView }) {
  const { t } = useTranslation('studio')
  const words = t('exports.progress', { step: t(`exports.step.${job.step}`), percent: percentOf(job) })
  return (
    <div className={styles.progress}>
      <p className={studio.soft}>
        {t('report.assembling')}: {words}
      </p>
      <ProgressBar
        label={t('report.assembling')}
        value={job.state === 'waiting' ? null : job.progress}
        valueText={words}
      />
    </div>
  )
}

function AssembleFailed({ view, job }: { view: StudioTakeView; job: JobView }) {
  const { t } = useTranslation('studio')
  const reason = useReasonWords(job.reason ?? 'render-failed')
  return (
    <Notice
      tone="danger"
      title={t('report.assembleFailed')}
      action={<Assemble view={view} words={t('report.assembleAgain')} />}
    >
      {reason.title}. {reason.help}
    </Notice>
  )
}

function Assemble({ view, words }: { view: StudioTakeView; words: string }) {
  const assemble = useAction(() =>
    studioApi().start.mutate({ takeId: view.take.takeId, request: { kind: 'assemble' } }),
  )
  return (
    <div className={styles.assemble}>
      <Button icon={<RefreshCw aria-hidden="true" />} onPress={assemble.run} pending={assemble.pending}>
        {words}
      </Button>
      <FailureNotice failure={assemble.failure} />
    </div>
  )
}

function ReportFiles({ report, files }: { report: TakeReport; files: TakeFiles }) {
  const { t } = useTranslation('studio')
  const moment = useMoment()
  return (
    <div className={styles.files}>
      <div className={studio.buttons}>
        <DownloadButton href={files.studio(TAKE_REPORT_JWS_NAME)} size="small" icon={<FileCheck aria-hidden="true" />}>
          {t('report.signed')}
        </DownloadButton>
        <DownloadButton
          href={files.studio(TAKE_REPORT_NAME)}
          size="small"
          variant="quiet"
          icon={<FileText aria-hidden="true" />}
        >
          {t('report.readable')}
        </DownloadButton>
      </div>
      <p className={studio.soft}>{t('report.signedHelp')}</p>
      <p className={studio.soft}>{t('report.made', { when: moment(report.madeAtMs) })}</p>
    </div>
  )
}
