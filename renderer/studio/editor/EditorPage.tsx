import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { JobView, StudioTakeView } from '../../../server/contract/views.ts'
import type { TakeId } from '../../../sfu-core/contract/ids.ts'
import { LoadedContent } from '../../app/FailureNotice.tsx'
import { useScreenTitle } from '../../app/screen.ts'
import type { LoadHandle } from '../../app/use-load.ts'
import { ErrorState, LinkButton } from '../../ui/index.ts'
import { NotHere } from '../NotHere.tsx'
import studio from '../studio.module.css'
import { studioApi, useStudioTake } from '../studio-api.ts'
import { useTakeFiles } from '../take-files.ts'
import '../words.ts'
import { Editor } from './Editor.tsx'

/** The editor of one take, a screen of its own. */
export function EditorPage({ takeId }: { takeId: string }) {
  const { t } = useTranslation('studio')
  const { handle, jobs } = useStudioTake(takeId as TakeId)
  return (
    <LoadedContent
      handle={handle}
      loadingLabel={t('editor.loading')}
      screen
      onFailure={({ reason }) => (reason === 'not-allowed' || reason === 'input-invalid' ? <NotHere /> : null)}
    >
      {(view) => <Ready view={view} handle={handle} jobs={jobs} />}
    </LoadedContent>
  )
}

interface ReadyProps {
  view: StudioTakeView
  handle: LoadHandle<StudioTakeView>
  jobs: readonly JobView[] | null
}

/** An opened editor keeps what it opened with: what it knows better is its own edits. */
function Ready({ view, handle, jobs }: ReadyProps) {
  const { t } = useTranslation('studio')
  useScreenTitle(t('editor.title', { title: view.take.roomTitle }))
  const files = useTakeFiles(view.take.takeId)
  const [opened, setOpened] = useState(view)
  const current = opened.report === null ? view : opened
  const { report } = current
  if (report === null || report.tracks.length === 0) return <NotReady view={view} />
  const hasNewTracks = view.report !== null && view.report.madeAtMs !== report.madeAtMs
  const loadTracks = async () => {
    const fresh = await studioApi().take.query({ takeId: view.take.takeId })
    handle.put(fresh)
    setOpened(fresh)
  }
  return (
    <LoadedContent handle={files} loadingLabel={t('editor.loading')} screen>
      {(urls) => (
        <Editor
          key={report.madeAtMs}
          view={current}
          report={report}
          files={urls}
          jobs={jobs}
          assets={view.assets}
          reload={handle.reload}
          loadTracks={hasNewTracks ? loadTracks : null}
        />
      )}
    </LoadedContent>
  )
}

function NotReady({ view }: { view: StudioTakeView }) {
  const { t } = useTranslation('studio')
  return (
    <ErrorState
      title={t('editor.notReady')}
      screen
      action={<LinkButton href={`/recordings/${view.take.takeId}`}>{t('editor.back')}</LinkButton>}
    >
      <p className={studio.soft}>{t(view.report === null ? 'editor.notReadyHelp' : 'editor.noSound')}</p>
    </ErrorState>
  )
}
