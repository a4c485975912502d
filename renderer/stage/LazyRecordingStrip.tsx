import { lazy, Suspense } from 'react'
import { patiently } from '../app/patiently.ts'
import { useStage, useView } from './stage-context.ts'
import type { StageModel } from './stage-model.ts'
import { useCell } from './use-cell.ts'

const RecordingStrip = lazy(async () => ({
  default: (await patiently(() => import('./RecordingStrip.tsx'))).RecordingStrip,
}))

/** RecordingStrip, loaded when there is a recording that concerns one. Afterwards it stays: what is late comes then. */
export function LazyRecordingStrip({ model: { me, moderating } }: { model: StageModel }) {
  const { people } = useView()
  const hasStrip = useCell(useStage().session.strip, (strip) => strip !== null && strip.length > 0)
  const isRecorded = people.recording !== null && (moderating || (me?.onStage === true && me.recordingConsent))
  if (!hasStrip && !isRecorded) return null
  return (
    <Suspense fallback={null}>
      <RecordingStrip />
    </Suspense>
  )
}
