import { useState } from 'react'
import type { JobView } from '../../../server/contract/views.ts'
import type { TimeRange } from '../../../sfu-core/contract/edits.ts'
import { type Action, useAction } from '../../app/use-action.ts'
import { isUnderWay } from '../exports/job-facts.ts'
import { studioApi } from '../studio-api.ts'
import { useEditor } from './editor-context.ts'
import { previewRange } from './selection.ts'

/** A stretch of the mix that was asked for. */
export interface PreviewHandle {
  asked: { range: TimeRange; job: JobView } | null
  isUnderWay: boolean
  listen: Action<[]>
  cancel: Action<[]>
}

/** Makes a stretch of the mix by the edits as they are: they are saved first. */
export function usePreview(): PreviewHandle {
  const { desk, autosave, jobs, view } = useEditor()
  const [asked, setAsked] = useState<{ range: TimeRange; job: JobView } | null>(null)
  const listen = useAction(async () => {
    desk.player.pause()
    if (!(await autosave.flush())) return
    const range = previewRange(desk.selection.get(), desk.positionMs.get(), desk.lengthMs)
    const job = await studioApi().start.mutate({ takeId: view.take.takeId, request: { kind: 'preview', ...range } })
    setAsked({ range, job })
  })
  const job = jobs?.find(({ jobId }) => jobId === asked?.job.jobId) ?? asked?.job ?? null
  const cancel = useAction(async () => {
    if (job !== null) await studioApi().cancel.mutate({ jobId: job.jobId })
  })
  const current = asked === null || job === null || job.state === 'cancelled' ? null : { range: asked.range, job }
  return { asked: current, isUnderWay: current !== null && isUnderWay(current.job), listen, cancel }
}
