import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { lengthParts } from '../studio/times.ts'
import { useStage, useView } from './stage-context.ts'
import { stageModel } from './stage-model.ts'
import { type StripRow, stripRows } from './strip-model.ts'
import { useCell } from './use-cell.ts'

/** How safe the recording of each speaker is, for the screen. */
export function useStripRows(): readonly StripRow[] {
  const standings = useCell(useStage().session.strip)
  const { people, selfId } = useView()
  return useMemo(() => {
    const onStage = stageModel(people, selfId).speakers.map(({ id }) => id)
    return stripRows({ standings: standings ?? [], onStage, selfId })
  }, [standings, people, selfId])
}

/** A stretch of time in words: "1.4 s", "2:10". */
export function useStretchWords(): (lengthMs: number) => string {
  const { t } = useTranslation('strip')
  return (lengthMs) => {
    const parts = lengthParts(lengthMs)
    return 'clock' in parts ? parts.clock : t('seconds', { value: parts.seconds })
  }
}
