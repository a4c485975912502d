import type { EditList } from '../../sfu-core/contract/edits.ts'
import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { RenderRequest } from '../../sfu-core/contract/render.ts'
import type { Connection } from '../call-context.ts'
import type { JobFeed, JobView, StudioTakeView } from '../contract/views.ts'

/** The rules of the studio, as the router sees them; for the take's host. All refuse with Refusal. */
export interface StudioApi {
  /** @throws Refusal `not-allowed`. */
  take(caller: Connection, takeId: TakeId): Promise<StudioTakeView>
  /** Answers with the new revision. @throws Refusal `edits-changed` where there is a newer list than the edited one. */
  saveEdits(caller: Connection, input: SaveEdits): Promise<{ revision: number }>
  /**
   * Puts a job in the queue; the edits are those saved by now.
   * @throws Refusal `take-not-ready` (no tracks yet, or the take runs), `too-many-requests`, `input-invalid` (a preview's range),
   * `nothing-to-do` (everybody is left out, everything is cut).
   */
  start(caller: Connection, input: { takeId: TakeId; request: RenderRequest }): Promise<JobView>
  /** Waiting or running. @throws Refusal `nothing-to-do` where it has ended. */
  cancel(caller: Connection, jobId: string): Promise<null>
  /** The take's jobs as they go on. */
  jobs(caller: Connection, takeId: TakeId, signal: AbortSignal): AsyncIterable<JobFeed>
}

export interface SaveEdits {
  takeId: TakeId
  revision: number
  edits: EditList
}
