import { FolderOpen } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { LocalJob, LocalRequest, LocalStudioBridge, LocalTake } from '../../../electron/contract/studio.ts'
import type { StudioTakeView } from '../../../server/contract/views.ts'
import type { RenderRequest } from '../../../sfu-core/contract/render.ts'
import { useAction } from '../../app/use-action.ts'
import { Button, Card } from '../../ui/index.ts'
import { ExportForm } from '../exports/Exports.tsx'
import styles from '../exports/exports.module.css'
import { Facts } from '../exports/JobRow.tsx'
import studioStyles from '../studio.module.css'
import { LocalProgress } from './LocalProgress.tsx'

interface LocalExportsProps {
  view: StudioTakeView
  local: LocalTake
  studio: LocalStudioBridge
}

/** What can be made of the take on this computer, and what came of the last wish. */
export function LocalExports({ view, local, studio }: LocalExportsProps) {
  const { t } = useTranslation('studio')
  const { takeId } = view.take
  const start = useAction(async (request: RenderRequest) => {
    const wish = localRequest(request, view)
    if (wish !== null) await studio.start(takeId, wish)
  })
  const job = local.job?.kind === 'assemble' ? null : local.job
  const hasClips = view.edits.intro !== null || view.edits.outro !== null
  const isBusy = local.job?.state === 'running'
  return (
    <section className={studioStyles.section} aria-labelledby="exports">
      <div>
        <h2 id="exports" className={studioStyles.sectionTitle}>
          {t('exports.title')}
        </h2>
        <p className={studioStyles.soft}>{t(local.report === null ? 'exports.notYet' : 'here.exportsHelp')}</p>
        {hasClips && <p className={studioStyles.soft}>{t('here.noClips')}</p>}
      </div>
      {local.report !== null && !isBusy && (
        <Card padding="large">
          <ExportForm start={start} />
        </Card>
      )}
      {job !== null && (
        <Card padding="large">
          <LocalProgress job={job} studio={studio} />
          {job.state === 'done' && <Made job={job} studio={studio} />}
        </Card>
      )}
    </section>
  )
}

/** Previews are for the editor, which needs the server's tracks. */
function localRequest(request: RenderRequest, { edits }: StudioTakeView): LocalRequest | null {
  switch (request.kind) {
    case 'mix':
    case 'tracks':
      return { ...request, edits }
    case 'assemble':
    case 'preview':
      return null
  }
}

function Made({ job, studio }: { job: LocalJob; studio: LocalStudioBridge }) {
  const { t } = useTranslation('studio')
  const open = useAction(() => studio.openExports(job.takeId))
  return (
    <div className={styles.form}>
      <p role="status">
        {t('here.made', { name: job.files[0] ?? '', count: job.files.length })}
        {job.facts !== null && (
          <>
            {' · '}
            <Facts facts={job.facts} />
          </>
        )}
      </p>
      <div>
        <Button variant="primary" icon={<FolderOpen aria-hidden="true" />} onPress={open.run} pending={open.pending}>
          {t('here.openExports')}
        </Button>
      </div>
    </div>
  )
}
