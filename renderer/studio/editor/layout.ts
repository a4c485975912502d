/** Heights in the timeline, in CSS pixels. The left column has the same (as custom properties), so that names stand beside their lanes. */
export const RULER_PX = 30
export const STAGE_ROW_PX = 9
export const STAGE_PADDING_PX = 8

export interface TimelineLayout {
  laneCount: number
  lanePx: number
  stageTopPx: number
  lanesTopPx: number
  heightPx: number
}

/** Few speakers have room; many still fit a screen. */
export function layoutOf(laneCount: number): TimelineLayout {
  const lanePx = laneCount <= 4 ? 76 : laneCount <= 8 ? 60 : 52
  const lanesTopPx = RULER_PX + stageHeightPx(laneCount)
  return { laneCount, lanePx, stageTopPx: RULER_PX, lanesTopPx, heightPx: lanesTopPx + laneCount * lanePx }
}

export function stageHeightPx(laneCount: number): number {
  return laneCount * STAGE_ROW_PX + 2 * STAGE_PADDING_PX
}

/** Which part of the timeline lies at `yPx`. */
export function partAt(
  layout: TimelineLayout,
  yPx: number,
): { part: 'ruler' } | { part: 'stage' } | { part: 'lane'; index: number } {
  if (yPx < layout.stageTopPx) return { part: 'ruler' }
  if (yPx < layout.lanesTopPx) return { part: 'stage' }
  const index = Math.floor((yPx - layout.lanesTopPx) / layout.lanePx)
  return { part: 'lane', index: Math.max(0, Math.min(layout.laneCount - 1, index)) }
}
