import { useTranslation } from 'react-i18next'
import { FailureNotice, useReasonWords } from '../../app/FailureNotice.tsx'
import { localeOf } from '../../app/format.ts'
import { ProgressBar } from '../../ui/forms.ts'
import { Button, Card, Notice } from '../../ui/index.ts'
import { percentOf } from '../exports/job-facts.ts'
import { TrackPlayer } from '../TrackPlayer.tsx'
import { formatPrecise } from '../times.ts'
import styles from './editor.module.css'
import { useEditor } from './editor-context.ts'
import type { PreviewHandle } from './use-preview.ts'

/** The stretch of the mix that was asked for: on its way, to be heard, or why not. */
export function PreviewPanel({ preview }: { preview: PreviewHandle }) {
  const { asked, listen, cancel } = preview
  return (
    <>
      <FailureNotice failure={listen.failure ?? cancel.failure} />
      {asked !== null && (
        <Card>
          <Asked preview={preview} asked={asked} />
        </Card>
      )}
    </>
  )
}

interface AskedProps {
  preview: PreviewHandle
  asked: NonNullable<PreviewHandle['asked']>
}

function Asked({ preview, asked }: AskedProps) {
  switch (asked.job.state) {
    case 'waiting':
    case 'running':
      return <Making preview={preview} asked={asked} />
    case 'done':
      return <Ready asked={asked} />
    case 'failed':
    case 'cancelled':
      return <Failed asked={asked} />
  }
}

function Making({ preview, asked: { job } }: AskedProps) {
  const { t } = useTranslation('studio')
  const step = t(`exports.step.${job.state === 'waiting' ? 'queued' : job.step}`)
  const words = t('editor.preview.making', { step })
  return (
    <div className={styles.preview}>
      <div className={styles.previewRow}>
        <p role="status">{words}</p>
        <Button size="small" onPress={preview.cancel.run} pending={preview.cancel.pending}>
          {t('editor.preview.cancel')}
        </Button>
      </div>
      <ProgressBar
        label={t('editor.preview.listen')}
        value={job.state === 'waiting' ? null : job.progress}
        valueText={t('exports.progress', { step, percent: percentOf(job) })}
      />
    </div>
  )
}

function Ready({ asked: { job, range } }: Pick<AskedProps, 'asked'>) {
  const { t, i18n } = useTranslation('studio')
  const { files } = useEditor()
  const file = job.files[0]
  const words = { from: formatPrecise(range.fromMs), to: formatPrecise(range.toMs) }
  const number = new Intl.NumberFormat(localeOf(i18n.language, navigator.languages), { maximumFractionDigits: 1 })
  if (file === undefined) return null
  return (
    <div className={styles.preview}>
      <p role="status">
        {t('editor.preview.ready', words)}
        {job.facts !== null && (
          <span className={styles.timesSoft}>
            {' · '}
            {t('editor.preview.facts', {
              lufs: number.format(job.facts.integratedLufs),
              peak: number.format(job.facts.truePeakDbtp),
            })}
          </span>
        )}
      </p>
      <TrackPlayer
        key={job.jobId}
        src={files.render(job.jobId, file.name)}
        label={t('editor.preview.player', words)}
        autoPlay
      />
    </div>
  )
}

function Failed({ asked: { job } }: Pick<AskedProps, 'asked'>) {
  const reason = useReasonWords(job.reason ?? 'render-failed')
  return (
    <Notice tone="danger" title={reason.title} announce>
      {reason.help}
    </Notice>
  )
}
