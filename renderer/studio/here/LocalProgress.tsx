import { X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { LocalJob, LocalStudioBridge } from '../../../electron/contract/studio.ts'
import { useReasonWords } from '../../app/FailureNotice.tsx'
import { useAction } from '../../app/use-action.ts'
import { ProgressBar } from '../../ui/forms.ts'
import { Button, Notice } from '../../ui/index.ts'
import styles from '../exports/exports.module.css'
import { percentOf } from '../exports/job-facts.ts'
import studioStyles from '../studio.module.css'

interface LocalProgressProps {
  job: LocalJob
  studio: LocalStudioBridge
}

/** How far a job on this computer has come, or how it ended without a result. */
export function LocalProgress({ job, studio }: LocalProgressProps) {
  const { t } = useTranslation('studio')
  switch (job.state) {
    case 'running':
      return <UnderWay job={job} studio={studio} />
    case 'failed':
      return <Failed job={job} />
    case 'cancelled':
      return <p className={studioStyles.soft}>{t('exports.cancelled')}</p>
    case 'done':
      return null
  }
}

function UnderWay({ job, studio }: LocalProgressProps) {
  const { t } = useTranslation('studio')
  const cancel = useAction(() => studio.cancel(job.takeId))
  const words = t('exports.progress', { step: t(`exports.step.${job.step}`), percent: percentOf(job) })
  const name = t(`here.jobs.${job.kind}`)
  return (
    <div className={styles.underWay}>
      <div className={styles.progressRow}>
        <span className={studioStyles.soft}>{words}</span>
        <Button
          size="small"
          icon={<X aria-hidden="true" />}
          onPress={cancel.run}
          pending={cancel.pending}
          ariaLabel={t('exports.cancelLabel', { name })}
        >
          {t('exports.cancel')}
        </Button>
      </div>
      <ProgressBar label={name} value={job.progress} valueText={words} />
    </div>
  )
}

function Failed({ job }: { job: LocalJob }) {
  const { t } = useTranslation('studio')
  const reason = useReasonWords(job.reason ?? 'render-failed')
  return (
    <Notice tone="danger" title={t('exports.failed', { reason: reason.title })}>
      {job.reason === 'disk-full' ? t('here.diskFull') : reason.help}
    </Notice>
  )
}
