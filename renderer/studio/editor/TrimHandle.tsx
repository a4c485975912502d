import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { cx } from '../../ui/index.ts'
import { formatPrecise } from '../times.ts'
import styles from './editor.module.css'
import { useEditor } from './editor-context.ts'
import { snapTargets } from './selection.ts'
import { snapped } from './snapping.ts'
import { msOf, pxOf, type TimeView } from './time-axis.ts'

interface TrimHandleProps {
  side: 'start' | 'end'
  view: TimeView
}

const REACH_PX = 6
const STEP_MS = 1_000
const FAR_STEP_MS = 10_000
const NEAR_STEP_MS = 100

/** Where the mix begins or ends, to take hold of. */
export function TrimHandle({ side, view }: TrimHandleProps) {
  const { t } = useTranslation('studio')
  const { desk, edits, edit } = useEditor()
  const held = useRef(false)
  const { lengthMs } = desk
  const atMs = side === 'start' ? (edits.trimStartMs ?? 0) : (edits.trimEndMs ?? lengthMs)
  const set = (toMs: number) => edit({ type: side === 'start' ? 'trim-start' : 'trim-end', atMs: toMs })
  const onMove = (event: PointerEvent<HTMLDivElement>) => {
    if (!held.current) return
    const { left } = event.currentTarget.parentElement?.getBoundingClientRect() ?? { left: 0 }
    const targets = [...snapTargets({ ...edits, trimStartMs: null, trimEndMs: null }, lengthMs), desk.positionMs.get()]
    set(snapped(msOf(view, event.clientX - left), targets, REACH_PX * view.msPerPx))
  }
  const onKey = (event: KeyboardEvent) => {
    const direction = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0
    if (direction === 0) return
    event.preventDefault()
    event.stopPropagation()
    set(atMs + direction * (event.shiftKey ? FAR_STEP_MS : event.altKey ? NEAR_STEP_MS : STEP_MS))
  }
  const x = pxOf(view, atMs)
  const isInSight = x >= -1 && x <= view.widthPx + 1
  return (
    <div
      role="slider"
      tabIndex={0}
      className={cx(styles.trim, styles[side])}
      style={{ transform: `translateX(${Math.max(0, Math.min(view.widthPx, x))}px)` }}
      data-in-sight={isInSight}
      aria-label={t(`editor.handles.${side}`)}
      aria-valuemin={0}
      aria-valuemax={Math.round(lengthMs)}
      aria-valuenow={Math.round(atMs)}
      aria-valuetext={formatPrecise(atMs)}
      onPointerDown={(event) => {
        held.current = true
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={onMove}
      onPointerUp={() => {
        held.current = false
      }}
      onPointerCancel={() => {
        held.current = false
      }}
      onKeyDown={onKey}
      onDoubleClick={() => edit({ type: side === 'start' ? 'trim-start' : 'trim-end', atMs: null })}
    >
      <span className={styles.trimGrip} />
    </div>
  )
}
