import { Download, RotateCcw, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { JobView } from '../../../server/contract/views.ts'
import type { MixFacts, RenderRequest } from '../../../sfu-core/contract/render.ts'
import { FailureNotice, useReasonWords } from '../../app/FailureNotice.tsx'
import { formatLength, localeOf, useMoment } from '../../app/format.ts'
import { useAction } from '../../app/use-action.ts'
import { Disclosure, ProgressBar } from '../../ui/forms.ts'
import { Button, DownloadButton, Notice } from '../../ui/index.ts'
import studio from '../studio.module.css'
import { studioApi } from '../studio-api.ts'
import type { TakeFiles } from '../take-files.ts'
import styles from './exports.module.css'
import { formatBytes, isUnderWay, percentOf } from './job-facts.ts'

interface JobRowProps {
  job: JobView
  files: TakeFiles | null
  /** null: nothing can be made now. */
  onAgain: ((request: RenderRequest) => void) | null
}

/** One export: how far it is, or what came of it. */
export function JobRow({ job, files, onAgain }: JobRowProps) {
  const name = useJobName(job.request)
  const moment = useMoment()
  const { t } = useTranslation('studio')
  return (
    <div className={styles.job}>
      <div className={studio.rowWords}>
        <span className={studio.rowTitle}>{name}</span>
        <span className={studio.soft}>
          {job.state === 'done' && job.endedAtMs !== null && t('exports.made', { when: moment(job.endedAtMs) })}
          {job.facts !== null && (
            <>
              {' · '}
              <Facts facts={job.facts} />
            </>
          )}
        </span>
      </div>
      <Outcome job={job} name={name} files={files} onAgain={onAgain} />
    </div>
  )
}

function useJobName(request: RenderRequest): string {
  const { t } = useTranslation('studio')
  switch (request.kind) {
    case 'assemble':
    case 'preview':
      return t(`exports.names.${request.kind}`)
    case 'mix':
      return t('exports.names.mix', { format: t(`exports.formats.${request.format}.name`) })
    case 'tracks':
      return t(request.edited ? 'exports.names.tracksEdited' : 'exports.names.tracks', {
        format: t(`exports.formats.${request.format}.name`),
      })
  }
}

/** Loudness, peak and length of a mix. */
export function Facts({ facts }: { facts: MixFacts }) {
  const { t, i18n } = useTranslation('studio')
  const number = new Intl.NumberFormat(localeOf(i18n.language, navigator.languages), {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  })
  return (
    <span title={t('exports.factsHelp')}>
      {t('exports.facts', {
        lufs: number.format(facts.integratedLufs),
        peak: number.format(facts.truePeakDbtp),
        length: formatLength(facts.lengthMs),
      })}
    </span>
  )
}

function Outcome({ job, name, files, onAgain }: JobRowProps & { name: string }) {
  const { t } = useTranslation('studio')
  switch (job.state) {
    case 'waiting':
    case 'running':
      return <UnderWay job={job} name={name} />
    case 'done':
      return <Done job={job} name={name} files={files} onAgain={onAgain} />
    case 'failed':
      return <Failed job={job} name={name} onAgain={onAgain} />
    case 'cancelled':
      return (
        <div className={styles.ended}>
          <span className={studio.soft}>{t('exports.cancelled')}</span>
          <Again job={job} name={name} onAgain={onAgain} made />
        </div>
      )
  }
}

function UnderWay({ job, name }: { job: JobView; name: string }) {
  const { t } = useTranslation('studio')
  const cancel = useAction(() => studioApi().cancel.mutate({ jobId: job.jobId }))
  const step = t(`exports.step.${job.state === 'waiting' ? 'queued' : job.step}`)
  const words = job.state === 'waiting' ? step : t('exports.progress', { step, percent: percentOf(job) })
  return (
    <div className={styles.underWay}>
      <div className={styles.progressRow}>
        <span className={studio.soft}>{words}</span>
        <Button
          size="small"
          icon={<X aria-hidden="true" />}
          onPress={cancel.run}
          pending={cancel.pending || !isUnderWay(job)}
          ariaLabel={t('exports.cancelLabel', { name })}
        >
          {t('exports.cancel')}
        </Button>
      </div>
      <ProgressBar label={name} value={job.state === 'waiting' ? null : job.progress} valueText={words} />
      <FailureNotice failure={cancel.failure} />
    </div>
  )
}

function Done({ job, name, files, onAgain }: JobRowProps & { name: string }) {
  const { t } = useTranslation('studio')
  const [main, ...others] = job.files
  if (main === undefined) {
    return (
      <div className={styles.ended}>
        <span className={studio.soft}>{t('exports.expired')}</span>
        <Again job={job} name={name} onAgain={onAgain} made />
      </div>
    )
  }
  return (
    <div className={styles.done}>
      <FileLink job={job} file={main} files={files} />
      {others.length > 0 && (
        <Disclosure label={t('exports.single')}>
          <ul className={styles.singles}>
            {others.map((file) => (
              <li key={file.name}>
                <FileLink job={job} file={file} files={files} single />
              </li>
            ))}
          </ul>
        </Disclosure>
      )}
    </div>
  )
}

interface FileLinkProps {
  job: JobView
  file: JobView['files'][number]
  files: TakeFiles | null
  /** Its name is shown, because it stands among others. */
  single?: boolean | undefined
}

function FileLink({ job, file, files, single = false }: FileLinkProps) {
  const { t, i18n } = useTranslation('studio')
  const size = formatBytes(file.sizeBytes, localeOf(i18n.language, navigator.languages))
  if (files === null) return null
  return (
    <DownloadButton
      href={files.render(job.jobId, file.name)}
      size="small"
      variant={single ? 'quiet' : 'primary'}
      icon={<Download aria-hidden="true" />}
      ariaLabel={t('exports.downloadLabel', { name: file.name, size })}
    >
      {single ? file.name : t('exports.download')} ({size})
    </DownloadButton>
  )
}

function Failed({ job, name, onAgain }: Omit<JobRowProps, 'files'> & { name: string }) {
  const { t } = useTranslation('studio')
  const reason = useReasonWords(job.reason ?? 'render-failed')
  return (
    <div className={styles.underWay}>
      <Notice
        tone="danger"
        title={t('exports.failed', { reason: reason.title })}
        action={<Again job={job} name={name} onAgain={onAgain} />}
      >
        {reason.help}
      </Notice>
    </div>
  )
}

interface AgainProps {
  job: JobView
  name: string
  onAgain: JobRowProps['onAgain']
  /** Nothing went wrong: it is not "try again". */
  made?: boolean | undefined
}

function Again({ job, name, onAgain, made = false }: AgainProps) {
  const { t } = useTranslation('studio')
  if (onAgain === null) return null
  return (
    <Button
      size="small"
      icon={<RotateCcw aria-hidden="true" />}
      onPress={() => onAgain(job.request)}
      ariaLabel={t(made ? 'exports.makeAgainLabel' : 'exports.againLabel', { name })}
    >
      {t(made ? 'exports.makeAgain' : 'exports.again')}
    </Button>
  )
}
