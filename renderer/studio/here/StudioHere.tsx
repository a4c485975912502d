import { RefreshCw } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { LocalStudioBridge, LocalTake } from '../../../electron/contract/studio.ts'
import type { StudioTakeView } from '../../../server/contract/views.ts'
import { desktopBridge } from '../../app/desktop.ts'
import { FailureNotice } from '../../app/FailureNotice.tsx'
import { useAction } from '../../app/use-action.ts'
import { Button, Card, Loading, Notice } from '../../ui/index.ts'
import { Outcome } from '../report/ReportCard.tsx'
import report from '../report/report.module.css'
import { SpeakerList } from '../report/SpeakerList.tsx'
import studioStyles from '../studio.module.css'
import { LocalExports } from './LocalExports.tsx'
import { LocalProgress } from './LocalProgress.tsx'
import { useLocalTake } from './use-local-take.ts'

interface StudioHereProps {
  view: StudioTakeView
  put: (view: StudioTakeView) => void
}

/** The studio of a take whose sound is on its host's computer alone: at work where this is that computer. */
export function StudioHere({ view, put }: StudioHereProps) {
  const studio = desktopBridge()?.studio
  return studio === undefined ? <NotHere view={view} /> : <Here view={view} put={put} studio={studio} />
}

function NotHere({ view }: Pick<StudioHereProps, 'view'>) {
  const { t } = useTranslation('studio')
  return <Notice title={t('here.elsewhere')}>{t('here.elsewhereHelp', { node: view.take.nodeName })}</Notice>
}

interface HereProps extends StudioHereProps {
  studio: LocalStudioBridge
}

function Here({ view, put, studio }: HereProps) {
  const { t } = useTranslation('studio')
  const local = useLocalTake(studio, view.take.takeId)
  if (local === undefined) return <Loading label={t('loading')} />
  if (local === null) return <NotHere view={view} />
  return (
    <>
      <Assembling view={view} local={local} studio={studio} />
      {local.report !== null && <SpeakerList view={view} report={local.report} files={null} put={put} />}
      <LocalExports view={view} local={local} studio={studio} />
    </>
  )
}

/** How complete it is, and the way to make tracks of it. */
function Assembling({ view, local, studio }: { view: StudioTakeView; local: LocalTake; studio: LocalStudioBridge }) {
  const { t } = useTranslation('studio')
  const { takeId, manifest } = view.take
  const start = useAction(() => studio.start(takeId, { kind: 'assemble' }))
  const job = local.job?.kind === 'assemble' ? local.job : null
  const isBusy = local.job?.state === 'running'
  const isRunning = manifest.endedAtMs === null
  const isWanted = !isRunning && !isBusy && (local.report === null || local.isStale)
  return (
    <section className={studioStyles.section} aria-labelledby="report">
      <h2 id="report" className={studioStyles.sectionTitle}>
        {t('report.title')}
      </h2>
      <Card padding="large">
        <div className={report.report}>
          {local.report !== null && <Outcome report={local.report} />}
          <p className={studioStyles.soft}>
            {t(isRunning ? 'report.running' : 'here.kept', { count: local.tapeCount })}
          </p>
          {local.isStale && <p>{t('report.stale')}</p>}
          {job !== null && <LocalProgress job={job} studio={studio} />}
          <FailureNotice failure={start.failure} />
          {isWanted && (
            <div>
              <Button
                variant="primary"
                icon={<RefreshCw aria-hidden="true" />}
                onPress={start.run}
                pending={start.pending}
              >
                {t(local.report === null ? 'here.assemble' : 'report.assembleAgain')}
              </Button>
            </div>
          )}
        </div>
      </Card>
    </section>
  )
}
