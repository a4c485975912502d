import { type RefObject, useEffect, useMemo, useRef } from 'react'
import type { TimelineColors } from './colors.ts'
import { drawTimeline, type Scene } from './draw-timeline.ts'
import styles from './editor.module.css'
import { useEditor } from './editor-context.ts'
import type { TimelineLayout } from './layout.ts'
import type { Peaks } from './peaks.ts'
import { stageSpans } from './stage-spans.ts'

interface TimelineCanvasProps {
  layout: TimelineLayout
  colors: TimelineColors
  peaks: readonly (Peaks | null)[]
}

/** The picture of the take: ruler, stage, waveforms, edits. For the eye; EditLog has the same in words. */
export function TimelineCanvas({ layout, colors, peaks }: TimelineCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { desk, edits, view } = useEditor()
  const spans = useMemo(() => {
    const all = stageSpans(view.take.manifest.timeline, desk.lengthMs)
    return desk.lanes.map(({ participantId }) => all.get(participantId) ?? [])
  }, [view, desk])
  const loudest = useMemo(() => loudestOf(peaks), [peaks])
  useDrawing(canvas, { layout, colors, peaks, spans, edits, loudest })
  return <canvas ref={canvas} className={styles.canvas} />
}

type SceneParts = Pick<Scene, 'layout' | 'colors' | 'peaks' | 'spans' | 'edits' | 'loudest'>

/** Draws in the next frame whenever something that is shown has changed; once a frame at most. */
function useDrawing(canvas: RefObject<HTMLCanvasElement | null>, parts: SceneParts): void {
  const { desk } = useEditor()
  const { layout, colors, peaks, spans, edits, loudest } = parts
  useEffect(() => {
    let frame = 0
    const draw = () => {
      frame = 0
      const { lanes, lengthMs } = desk
      const scene = { layout, colors, peaks, spans, edits, loudest, lanes, lengthMs }
      paint(canvas.current, {
        ...scene,
        view: desk.view.get(),
        selection: desk.selection.get(),
        pixelRatio: devicePixelRatio,
      })
    }
    const ask = () => {
      frame ||= requestAnimationFrame(draw)
    }
    ask()
    const ends = [desk.view.subscribe(ask), desk.selection.subscribe(ask)]
    return () => {
      for (const end of ends) end()
      cancelAnimationFrame(frame)
    }
  }, [canvas, desk, layout, colors, peaks, spans, edits, loudest])
}

function paint(element: HTMLCanvasElement | null, scene: Scene): void {
  const pen = element?.getContext('2d')
  const { view, layout, pixelRatio } = scene
  if (!element || !pen || view.widthPx === 0) return
  const width = Math.round(view.widthPx * pixelRatio)
  const height = Math.round(layout.heightPx * pixelRatio)
  if (element.width !== width) element.width = width
  if (element.height !== height) element.height = height
  drawTimeline(pen, scene)
}

/** Not less than this: silence is not blown up to a storm. */
const LOUDEST_MIN = 24
const FULL_SCALE = 127

function loudestOf(peaks: readonly (Peaks | null)[]): number {
  let loudest = 0
  for (const own of peaks) {
    for (const value of own?.at(-1)?.pairs ?? []) loudest = Math.max(loudest, Math.abs(value))
  }
  return loudest === 0 ? FULL_SCALE : Math.max(LOUDEST_MIN, loudest)
}
