import { createContext, useContext } from 'react'
import type { JobView, StudioAsset, StudioTakeView } from '../../../server/contract/views.ts'
import type { EditList } from '../../../sfu-core/contract/edits.ts'
import type { TakeReport } from '../../../sfu-core/contract/take-report.ts'
import type { TakeFiles } from '../take-files.ts'
import type { Autosave } from './autosave.ts'
import type { Desk } from './create-editor.ts'
import type { Edit } from './edits.ts'
import type { HistoryAction } from './history.ts'

/** What the parts of the editor share. */
export interface EditorContent {
  view: StudioTakeView
  report: TakeReport
  files: TakeFiles
  jobs: readonly JobView[] | null
  assets: readonly StudioAsset[]
  /** Asks the server anew for what is not edited here: assets, a new report. */
  reload: () => void
  desk: Desk
  edits: EditList
  canUndo: boolean
  canRedo: boolean
  autosave: Autosave
  dispatch: (action: HistoryAction) => void
  edit: (edit: Edit) => void
  /** Read aloud by screen readers. */
  announce: (words: string) => void
}

export const EditorContext = createContext<EditorContent | null>(null)

export function useEditor(): EditorContent {
  const content = useContext(EditorContext)
  if (content === null) throw new Error('useEditor is for parts of the editor')
  return content
}
