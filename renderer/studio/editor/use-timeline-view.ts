import { type RefObject, useEffect } from 'react'
import type { Desk } from './create-editor.ts'
import { resized, scrolled, zoomed } from './time-axis.ts'

/** A notch of a wheel is about 100 px: it zooms by a quarter. */
const ZOOM_PER_WHEEL_PX = 0.0022
const WHEEL_LINE_PX = 16

/** Follows the element's width, and what wheel and trackpad ask for (pinching comes as a wheel with Ctrl). */
export function useTimelineView(element: RefObject<HTMLElement | null>, desk: Desk): void {
  useEffect(() => {
    const target = element.current
    if (target === null) return
    const follow = new ResizeObserver(() => desk.view.set(resized(desk.view.get(), target.clientWidth, desk.lengthMs)))
    follow.observe(target)
    const onWheel = (event: WheelEvent) => wheel(event, target, desk)
    target.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      follow.disconnect()
      target.removeEventListener('wheel', onWheel)
    }
  }, [element, desk])
}

/** Up and down without a key stays the page's: nobody is to be trapped over the timeline. */
function wheel(event: WheelEvent, target: HTMLElement, desk: Desk): void {
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE_PX : 1
  const { lengthMs } = desk
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault()
    const anchorPx = event.clientX - target.getBoundingClientRect().left
    desk.view.set(zoomed(desk.view.get(), Math.exp(-event.deltaY * unit * ZOOM_PER_WHEEL_PX), { anchorPx, lengthMs }))
    return
  }
  const byPx = (event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX) * unit
  if (Math.abs(byPx) <= Math.abs(event.shiftKey ? 0 : event.deltaY * unit)) return
  event.preventDefault()
  desk.view.set(scrolled(desk.view.get(), byPx, lengthMs))
}
