import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { formatLength } from '../../app/format.ts'
import { useCell } from '../../stage/use-cell.ts'
import { formatPrecise } from '../times.ts'
import styles from './editor.module.css'
import { useEditor } from './editor-context.ts'
import { showFocus } from './position-focus.ts'
import { pxOf } from './time-axis.ts'

/** The line at the position. Moved outside of React: it moves with every frame. */
export function Playhead() {
  const { desk } = useEditor()
  const line = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const place = () => {
      const { current } = line
      if (current === null) return
      const view = desk.view.get()
      const x = pxOf(view, desk.positionMs.get())
      current.style.transform = `translateX(${x}px)`
      current.hidden = x < -1 || x > view.widthPx + 1
    }
    place()
    const ends = [desk.view.subscribe(place), desk.positionMs.subscribe(place)]
    return () => {
      for (const end of ends) end()
    }
  }, [desk])
  return (
    <>
      <div ref={line} className={styles.playhead} aria-hidden="true" />
      <PositionSlider />
    </>
  )
}

/** The ear's and the keyboard's way to the position; its keys are the editor's (editor-keys.ts). */
function PositionSlider() {
  const { t } = useTranslation('studio')
  const { desk } = useEditor()
  const positionS = useCell(desk.positionMs, (atMs) => Math.round(atMs / 1_000))
  return (
    <div
      role="slider"
      tabIndex={0}
      className={styles.positionSlider}
      data-position=""
      onKeyDown={showFocus}
      aria-label={t('editor.position')}
      aria-valuemin={0}
      aria-valuemax={Math.round(desk.lengthMs / 1_000)}
      aria-valuenow={positionS}
      aria-valuetext={t('editor.positionValue', {
        at: formatPrecise(desk.positionMs.get()),
        length: formatLength(desk.lengthMs),
      })}
    />
  )
}
