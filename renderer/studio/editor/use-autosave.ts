import { useEffect, useState } from 'react'
import type { StudioTakeView } from '../../../server/contract/views.ts'
import type { EditList } from '../../../sfu-core/contract/edits.ts'
import { browserClock } from '../../room-session/clock.ts'
import { studioApi } from '../studio-api.ts'
import { Autosave } from './autosave.ts'

/** Saves the edits as they change, and the last of them when the editor is left; the browser asks before it closes with some unsaved. */
export function useAutosave({ take, revision, edits: first }: StudioTakeView, edits: EditList): Autosave {
  const { takeId } = take
  const [autosave] = useState(
    () =>
      new Autosave({
        saved: { revision, edits: first },
        save: (list) => studioApi().saveEdits.mutate({ takeId, ...list }),
        load: () => studioApi().take.query({ takeId }),
        clock: browserClock,
      }),
  )
  useEffect(() => autosave.want(edits), [autosave, edits])
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => !autosave.isSaved && event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => {
      removeEventListener('beforeunload', ask)
      void autosave.flush().then(() => autosave.close())
    }
  }, [autosave])
  return autosave
}
