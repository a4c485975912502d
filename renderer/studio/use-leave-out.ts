import type { StudioTakeView } from '../../server/contract/views.ts'
import type { ParticipantId } from '../../sfu-core/contract/ids.ts'
import { failureOf } from '../app/api-error.ts'
import { type Action, useAction } from '../app/use-action.ts'
import { applyEdit } from './editor/edits.ts'
import { studioApi } from './studio-api.ts'

interface LeaveOutOptions {
  view: StudioTakeView
  /** Shows what was saved. */
  put: (view: StudioTakeView) => void
}

/** Takes a speaker out of every mix, or back in. An edit like others, saved at once; what others edited meanwhile stays. */
export function useLeaveOut({ view, put }: LeaveOutOptions): Action<[ParticipantId, boolean]> {
  return useAction(async (participantId: ParticipantId, leftOut: boolean) => {
    const { takeId } = view.take
    const save = async (from: StudioTakeView) => {
      const edits = applyEdit(from.edits, { type: 'leave-out', participantId, leftOut }, from.report?.lengthMs ?? 0)
      const { revision } = await studioApi().saveEdits.mutate({ takeId, revision: from.revision, edits })
      put({ ...from, edits, revision })
    }
    try {
      await save(view)
    } catch (error) {
      if (failureOf(error).reason !== 'edits-changed') throw error
      await save(await studioApi().take.query({ takeId }))
    }
  })
}
