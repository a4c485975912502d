import { useEffect, useMemo, useRef } from 'react'
import type { TimelineColors } from './colors.ts'
import styles from './editor.module.css'
import { useEditor } from './editor-context.ts'
import { OVERVIEW_PX } from './overview-options.ts'
import { overviewOf, type Peaks } from './peaks.ts'
import { type OverviewHandle, showOverview } from './show-overview.ts'

/** Enough for the widest screen. */
const OVERVIEW_COLUMNS = 2_000

interface OverviewProps {
  peaks: readonly (Peaks | null)[]
  colors: TimelineColors
}

/** The whole take in one strip, with a window over what is in sight: to be moved, and drawn wider or narrower. For the hand and the eye. */
export function Overview({ peaks, colors }: OverviewProps) {
  const { desk, edits } = useEditor()
  const holder = useRef<HTMLDivElement>(null)
  const shown = useRef<OverviewHandle | null>(null)
  const line = useRef<HTMLDivElement>(null)
  const loudness = useMemo(
    () =>
      overviewOf(
        peaks.filter((own) => own !== null),
        desk.lengthMs,
        OVERVIEW_COLUMNS,
      ),
    [peaks, desk],
  )
  useEffect(() => {
    if (holder.current === null) return
    const overview = showOverview({ container: holder.current, desk, loudness, colors })
    shown.current = overview
    return () => {
      shown.current = null
      overview.close()
    }
  }, [desk, loudness, colors])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another overview must be told as well
  useEffect(() => shown.current?.setCuts(edits.cuts), [edits.cuts, loudness, colors])
  useEffect(() => {
    const place = () => {
      if (line.current !== null)
        line.current.style.insetInlineStart = `${(desk.positionMs.get() / desk.lengthMs) * 100}%`
    }
    place()
    return desk.positionMs.subscribe(place)
  }, [desk])
  return (
    <div className={styles.overviewFrame} aria-hidden="true">
      <div ref={holder} style={{ blockSize: OVERVIEW_PX }} />
      <div ref={line} className={styles.overviewLine} />
    </div>
  )
}
