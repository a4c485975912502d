import { ArrowLeft } from 'lucide-react'
import { type ReactNode, useEffect, useMemo, useReducer, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { JobView, StudioAsset, StudioTakeView } from '../../../server/contract/views.ts'
import type { TakeReport } from '../../../sfu-core/contract/take-report.ts'
import { useCell } from '../../stage/use-cell.ts'
import { PageHeader, VisuallyHidden } from '../../ui/index.ts'
import studio from '../studio.module.css'
import type { TakeFiles } from '../take-files.ts'
import { ClipsPanel } from './ClipsPanel.tsx'
import { useCommands } from './commands.ts'
import { createDesk, type Desk, planOf } from './create-editor.ts'
import { EditLog } from './EditLog.tsx'
import styles from './editor.module.css'
import { type EditorContent, EditorContext } from './editor-context.ts'
import { editorKeys } from './editor-keys.ts'
import { historyReducer, startHistory } from './history.ts'
import { lanesOf } from './lanes.ts'
import { NewTracks } from './NewTracks.tsx'
import { SaveState, SaveTrouble } from './SaveState.tsx'
import { SelectionBar } from './SelectionBar.tsx'
import { SoundPanel } from './SoundPanel.tsx'
import { Timeline } from './Timeline.tsx'
import { Transport } from './Transport.tsx'
import { useAutosave } from './use-autosave.ts'
import { usePlayingPosition } from './use-position.ts'

export interface EditorProps {
  /** As it was when the editor opened. */
  view: StudioTakeView
  report: TakeReport
  files: TakeFiles
  jobs: readonly JobView[] | null
  /** As they are now. */
  assets: readonly StudioAsset[]
  reload: () => void
  /** Opens the editor anew with tracks that were made meanwhile; null: there are none. */
  loadTracks: (() => Promise<void>) | null
}

/** One take, opened for editing. */
export function Editor({ view, report, files, jobs, assets, reload, loadTracks }: EditorProps) {
  const [history, dispatch] = useReducer(historyReducer(report.lengthMs), view.edits, startHistory)
  const edits = history.present
  const desk = useDesk({ view, report, files })
  const autosave = useAutosave(view, edits)
  const [announced, announce] = useState('')
  usePlan(desk, edits)
  usePlayingPosition(desk)
  const content = useMemo<EditorContent>(
    () => ({
      view,
      report,
      files,
      jobs,
      assets,
      reload,
      desk,
      edits,
      canUndo: history.past.length > 0,
      canRedo: history.future.length > 0,
      autosave,
      dispatch,
      edit: (edit) => dispatch({ type: 'edit', edit }),
      announce,
    }),
    [view, report, files, jobs, assets, reload, desk, edits, history, autosave],
  )
  return (
    <EditorContext value={content}>
      <Screen view={view}>{loadTracks !== null && <NewTracks load={loadTracks} />}</Screen>
      <VisuallyHidden>
        <span role="status">{announced}</span>
      </VisuallyHidden>
    </EditorContext>
  )
}

function useDesk({ view, report, files }: Pick<EditorProps, 'view' | 'report' | 'files'>): Desk {
  const [latest] = useState({ files })
  latest.files = files
  const [desk] = useState(() =>
    createDesk({
      lanes: lanesOf(report),
      lengthMs: report.lengthMs,
      edits: view.edits,
      urlOf: (file) => latest.files.studio(file),
    }),
  )
  useEffect(() => () => desk.close(), [desk])
  return desk
}

/** What is heard follows the edits, and whom one listens to. */
function usePlan(desk: Desk, edits: EditorContent['edits']): void {
  const listening = useCell(desk.listening)
  useEffect(() => {
    desk.player.setPlan(planOf({ lanes: desk.lanes, lengthMs: desk.lengthMs, edits, listening }))
  }, [desk, edits, listening])
}

function Screen({ view, children }: { view: StudioTakeView; children: ReactNode }) {
  const { t } = useTranslation('studio')
  const commands = useCommands()
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of what is in it bubble up to here
    <div className={styles.editor} data-wide-screen="" onKeyDown={editorKeys(commands)}>
      <Link href={`/recordings/${view.take.takeId}`} className={studio.back}>
        <ArrowLeft aria-hidden="true" />
        {t('editor.back')}
      </Link>
      <PageHeader title={t('editor.title', { title: view.take.roomTitle })} actions={<SaveState />} />
      <SaveTrouble />
      {children}
      <div className={styles.desk}>
        <Transport commands={commands} />
        <Timeline />
        <SelectionBar commands={commands} />
      </div>
      <div className={styles.columns}>
        <EditLog commands={commands} />
        <div className={styles.settings}>
          <SoundPanel />
          <ClipsPanel />
        </div>
      </div>
    </div>
  )
}
