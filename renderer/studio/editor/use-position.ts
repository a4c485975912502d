import { useEffect } from 'react'
import { useCell } from '../../stage/use-cell.ts'
import type { Desk } from './create-editor.ts'
import { revealed } from './time-axis.ts'

/** While it plays, the position follows the sound with every frame, and the timeline follows the position. */
export function usePlayingPosition(desk: Desk): void {
  const state = useCell(desk.player.state)
  const isPlaying = state === 'playing' || state === 'waiting'
  useEffect(() => {
    const place = () => desk.positionMs.set(desk.player.positionMs())
    if (!isPlaying) return place()
    let frame = requestAnimationFrame(function follow() {
      place()
      const view = desk.view.get()
      desk.view.set(revealed(view, desk.positionMs.get(), { share: 0.05, lengthMs: desk.lengthMs }))
      frame = requestAnimationFrame(follow)
    })
    return () => cancelAnimationFrame(frame)
  }, [desk, isPlaying])
}
