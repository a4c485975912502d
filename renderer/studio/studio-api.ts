import { useEffect, useState } from 'react'
import type { JobFeed, JobView, StudioTakeView } from '../../server/contract/views.ts'
import type { TakeId } from '../../sfu-core/contract/ids.ts'
import { serverConnection } from '../app/server-connection.ts'
import { type LoadHandle, useLoad } from '../app/use-load.ts'
import { useConnection } from '../stores/connection.ts'

/** The studio's part of the server's API. */
export function studioApi() {
  return serverConnection().client.studio
}

/** A job of the list took a step, or a new one came. Newest first. Pure. */
export function applyJobFeed(jobs: readonly JobView[] | null, feed: JobFeed): readonly JobView[] | null {
  switch (feed.type) {
    case 'jobs':
      return feed.jobs
    case 'job': {
      const known = jobs ?? []
      const index = known.findIndex(({ jobId }) => jobId === feed.job.jobId)
      return index === -1 ? [feed.job, ...known] : known.with(index, feed.job)
    }
    case 'take':
      return jobs
  }
}

export interface StudioTake {
  handle: LoadHandle<StudioTakeView>
  /** null until the list has come. */
  jobs: readonly JobView[] | null
}

/** What the studio has of a take, kept current while a screen shows it. */
export function useStudioTake(takeId: TakeId): StudioTake {
  const identity = useConnection((state) => state.identity)
  const handle = useLoad(`studio ${takeId}`, () => studioApi().take.query({ takeId }))
  const [jobs, setJobs] = useState<readonly JobView[] | null>(null)
  const { reload } = handle
  // biome-ignore lint/correctness/useExhaustiveDependencies: another identity has another client
  useEffect(() => {
    const subscription = studioApi().jobs.subscribe(
      { takeId },
      {
        onData: (feed) => {
          setJobs((known) => applyJobFeed(known, feed))
          if (feed.type === 'take') reload()
        },
      },
    )
    return () => subscription.unsubscribe()
  }, [takeId, identity, reload])
  return { handle, jobs }
}
