import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useCell } from '../../stage/use-cell.ts'
import { Notice } from '../../ui/index.ts'
import styles from './editor.module.css'
import { useEditor } from './editor-context.ts'
import { listenToGestures } from './gestures.ts'
import { LaneHeads } from './LaneHeads.tsx'
import { layoutOf, type TimelineLayout } from './layout.ts'
import { Playhead } from './Playhead.tsx'
import { pointAtPosition } from './position-focus.ts'
import { TimelineCanvas } from './TimelineCanvas.tsx'
import { TrimHandle } from './TrimHandle.tsx'
import { usePeaks } from './use-peaks.ts'
import { useTimelineColors } from './use-timeline-colors.ts'
import { useTimelineView } from './use-timeline-view.ts'

/** Of wavesurfer.js; the timeline itself need not wait for it. */
const Overview = lazy(async () => ({ default: (await import('./Overview.tsx')).Overview }))

/** The take along time: overview, ruler, stage, and every speaker's waveform, with the edits in them. */
export function Timeline() {
  const { t } = useTranslation('studio')
  const { desk, files } = useEditor()
  const layout = useMemo(() => layoutOf(desk.lanes.length), [desk])
  const { peaks, failed } = usePeaks(desk.lanes, files)
  const timeline = useRef<HTMLElement>(null)
  const colors = useTimelineColors(timeline)
  const isComplete = peaks.every((own) => own !== null)
  return (
    <section ref={timeline} className={styles.timeline} aria-label={t('editor.timeline')} style={variablesOf(layout)}>
      <div className={styles.overview} onPointerDown={pointAtPosition}>
        <Suspense fallback={null}>
          {colors !== null && isComplete && <Overview peaks={peaks} colors={colors} />}
        </Suspense>
      </div>
      <LaneHeads />
      <Tracks layout={layout}>
        {colors !== null && <TimelineCanvas layout={layout} colors={colors} peaks={peaks} />}
      </Tracks>
      {failed.map(({ file, name }) => (
        <Notice key={file} tone="warning" announce>
          {t('editor.peaksFailed', { name })}
        </Notice>
      ))}
    </section>
  )
}

function variablesOf(layout: TimelineLayout): Record<string, string> {
  return {
    '--lane-size': `${layout.lanePx}px`,
    '--lanes-top': `${layout.lanesTopPx}px`,
    '--stage-top': `${layout.stageTopPx}px`,
    '--tracks-size': `${layout.heightPx}px`,
  }
}

function Tracks({ layout, children }: { layout: TimelineLayout; children: ReactNode }) {
  const { desk, edits, edit } = useEditor()
  const tracks = useRef<HTMLDivElement>(null)
  const surface = useRef<HTMLDivElement>(null)
  useTimelineView(tracks, desk)
  const latest = useRef({ edits, edit })
  latest.current = { edits, edit }
  useEffect(() => {
    if (surface.current === null) return
    return listenToGestures(surface.current, {
      desk,
      layout,
      edits: () => latest.current.edits,
      edit: (one) => latest.current.edit(one),
    })
  }, [desk, layout])
  return (
    <div ref={tracks} className={styles.tracks}>
      <div ref={surface} className={styles.surface} aria-hidden="true" onPointerDown={pointAtPosition}>
        {children}
      </div>
      <Handles />
      <Playhead />
    </div>
  )
}

function Handles() {
  const { desk } = useEditor()
  const view = useCell(desk.view)
  return (
    <>
      <TrimHandle side="start" view={view} />
      <TrimHandle side="end" view={view} />
    </>
  )
}
