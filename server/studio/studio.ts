import { nanoid } from 'nanoid'
import { type EditList, keptRanges, type TimeRange } from '../../sfu-core/contract/edits.ts'
import type { TakeId } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { RenderRequest } from '../../sfu-core/contract/render.ts'
import type { TakeReport } from '../../sfu-core/contract/take-report.ts'
import type { Connection } from '../call-context.ts'
import { PREVIEW_MAX_MS } from '../contract/inputs.ts'
import type { JobView, StudioTakeView } from '../contract/views.ts'
import { signedIn } from '../people/people.ts'
import { waitForRoom } from '../rooms/feed-pressure.ts'
import type { LiveRooms } from '../rooms/live-rooms.ts'
import type { TakeRecord } from '../takes/takes.db.ts'
import { viewOf as takeViewOf } from '../takes/takes.ts'
import { consentsOf } from './consents.ts'
import type { EditStore } from './edits.db.ts'
import { jobFeed } from './job-feed.ts'
import type { JobTasksDeps } from './job-tasks.ts'
import type { StudioApi } from './studio.api.ts'
import type { StudioJobs } from './studio-jobs.ts'
import { JOBS_UNFINISHED_PER_HOST_COUNT } from './studio-limits.ts'

export interface StudioDeps extends JobTasksDeps {
  edits: EditStore
  studioJobs: StudioJobs
  liveRooms: LiveRooms
}

export function createStudio(deps: StudioDeps): StudioApi {
  const { edits: editStore, studioJobs } = deps
  return {
    take: async (caller, takeId) => studioViewOf(deps, await ownTake(deps, caller, takeId)),
    async saveEdits(caller, { takeId, revision, edits }) {
      await ownTake(deps, caller, takeId)
      await assertKnownAssets(deps, takeId, edits)
      const saved = await editStore.save(takeId, { revision, edits })
      if (saved === null) throw new Refusal('edits-changed', 'There is a newer list of edits.')
      studioJobs.board.onTakeChanged(takeId)
      return { revision: saved }
    },
    async start(caller, { takeId, request }) {
      const take = await ownTake(deps, caller, takeId)
      await assertNotTooMany(deps, take)
      return request.kind === 'assemble' ? startAssembly(deps, take) : startRender(deps, take, request)
    },
    async cancel(caller, jobId) {
      const job = await studioJobs.find(jobId)
      // Strangers do not learn whether it exists.
      if (job === null) throw new Refusal('not-allowed', 'That take is not yours.')
      await ownTake(deps, caller, job.takeId)
      await studioJobs.cancel(job)
      return null
    },
    async *jobs(caller, takeId, signal) {
      await ownTake(deps, caller, takeId)
      const { board } = studioJobs
      const ready = () => waitForRoom(caller, signal)
      yield* jobFeed({ board, takeId, signal, list: () => studioJobs.ofTake(takeId), ready })
    },
  }
}

async function ownTake({ takes }: StudioDeps, caller: Connection, takeId: TakeId): Promise<TakeRecord> {
  const { userId } = await signedIn(caller)
  const take = await takes.find(takeId)
  if (take === null || take.hostId !== userId) throw new Refusal('not-allowed', 'That take is not yours.')
  return take
}

async function studioViewOf(deps: StudioDeps, take: TakeRecord): Promise<StudioTakeView> {
  const { takeId } = take
  const [view, report, isStale, standings, { edits, revision }, assets] = await Promise.all([
    takeViewOf(take, deps.takeFiles),
    deps.files.report(take),
    isStaleTake(deps, takeId),
    deps.tapes.standingsOf(take.manifest),
    deps.edits.of(takeId),
    deps.assets.ofTake(takeId),
  ])
  const consents = consentsOf(take.manifest)
  return { take: { ...view, roomTitle: take.roomTitle }, report, isStale, standings, consents, edits, revision, assets }
}

async function isStaleTake({ studioJobs, tapes }: StudioDeps, takeId: TakeId): Promise<boolean> {
  const assembly = await studioJobs.newestDoneAssembly(takeId)
  return assembly !== null && assembly.chunkCount !== (await tapes.factsOf(takeId)).chunkCount
}

async function assertKnownAssets({ assets }: StudioDeps, takeId: TakeId, { intro, outro }: EditList): Promise<void> {
  const wanted = [intro, outro].flatMap((clip) => (clip === null ? [] : [clip.assetId]))
  if (wanted.length === 0) return
  const known = new Set((await assets.ofTake(takeId)).map(({ assetId }) => assetId))
  if (!wanted.every((assetId) => known.has(assetId)))
    throw new Refusal('input-invalid', 'That sound is not there any more.')
}

async function assertNotTooMany({ studioJobs }: StudioDeps, { hostId }: TakeRecord): Promise<void> {
  if ((await studioJobs.countUnfinishedOfHost(hostId)) < JOBS_UNFINISHED_PER_HOST_COUNT) return
  throw new Refusal('too-many-requests', 'Many of your renders wait already. Let some of them finish first.')
}

/** By hand also where the end of the take was never told: its node may be gone for ever. */
async function startAssembly({ studioJobs, liveRooms }: StudioDeps, take: TakeRecord): Promise<JobView> {
  if (take.recordingsKept === 'host') throw new Refusal('kept-by-host', "The recording is on the host's computer only.")
  if (liveRooms.get(take.roomId)?.state.recording?.takeId === take.takeId) {
    throw new Refusal('take-not-ready', 'The recording still runs.')
  }
  const waiting = await studioJobs.waitingAssembly(take.takeId)
  if (waiting !== null) return studioJobs.board.view(waiting)
  return studioJobs.add({ jobId: nanoid(), takeId: take.takeId, request: { kind: 'assemble' }, edits: null })
}

async function startRender(deps: StudioDeps, take: TakeRecord, request: RenderRequest): Promise<JobView> {
  const { takeId } = take
  const report = await deps.files.report(take)
  if (report === null) throw new Refusal('take-not-ready', 'The take has not been assembled yet.')
  const { edits } = await deps.edits.of(takeId)
  assertSomethingIsLeft(report, edits)
  if (request.kind === 'preview') assertPreview(request, report, edits)
  return deps.studioJobs.add({ jobId: nanoid(), takeId, request, edits })
}

function assertSomethingIsLeft({ tracks, lengthMs }: TakeReport, edits: EditList): void {
  const hasSpeaker = tracks.some((track) => !edits.leftOut.includes(track.participantId))
  if (!hasSpeaker) throw new Refusal('nothing-to-do', 'Everybody is left out.')
  if (keptRanges(edits, lengthMs).length === 0) throw new Refusal('nothing-to-do', 'Everything is cut out.')
}

function assertPreview({ fromMs, toMs }: TimeRange, { lengthMs }: TakeReport, edits: EditList): void {
  const isRange = fromMs < toMs && fromMs < lengthMs && toMs - fromMs <= PREVIEW_MAX_MS
  if (!isRange) throw new Refusal('input-invalid', `A preview has at most ${PREVIEW_MAX_MS / 60_000} minutes.`)
  const isHeard = keptRanges(edits, lengthMs).some((kept) => kept.fromMs < toMs && fromMs < kept.toMs)
  if (!isHeard) throw new Refusal('nothing-to-do', 'All of that is cut out.')
}
