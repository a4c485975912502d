import type { EditList } from '../../../sfu-core/contract/edits.ts'
import type { StudioTrack } from '../../../sfu-core/contract/take-report.ts'
import { formatLength } from '../../app/format.ts'
import { formatPrecise } from '../times.ts'
import type { TimelineColors } from './colors.ts'
import { RULER_PX, STAGE_PADDING_PX, STAGE_ROW_PX, type TimelineLayout } from './layout.ts'
import { columnsOf, type Peaks } from './peaks.ts'
import type { Selection } from './selection.ts'
import type { StageSpan } from './stage-spans.ts'
import { endMsOf, pxOf, type TimeView, ticksOf } from './time-axis.ts'

/** All that the timeline shows, but for what moves by itself (position, handles). */
export interface Scene {
  view: TimeView
  layout: TimelineLayout
  lengthMs: number
  lanes: readonly StudioTrack[]
  /** By lane; null: not loaded. */
  peaks: readonly (Peaks | null)[]
  spans: readonly (readonly StageSpan[])[]
  edits: EditList
  selection: Selection | null
  colors: TimelineColors
  /** Device pixels per CSS pixel. */
  pixelRatio: number
  /** A peak of this fills a lane (full scale is 127): quiet takes are drawn larger. */
  loudest: number
}

type Pen = CanvasRenderingContext2D

/** Draws what is in sight, and nothing else: a long take takes no longer than a short one. */
export function drawTimeline(pen: Pen, scene: Scene): void {
  const { view, layout, pixelRatio, colors } = scene
  pen.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0)
  pen.fillStyle = colors.ground
  pen.fillRect(0, 0, view.widthPx, layout.heightPx)
  drawGrid(pen, scene)
  drawStage(pen, scene)
  for (const index of scene.lanes.keys()) drawLane(pen, scene, index)
  drawSelection(pen, scene)
  drawCuts(pen, scene)
  drawTrims(pen, scene)
  drawRuler(pen, scene)
  drawMarkers(pen, scene)
}

/** A stretch of the take in pixels, no further than the edges; null where none of it is in sight. */
function extentOf(
  view: TimeView,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): { x: number; width: number } | null {
  if (toMs < view.startMs || fromMs > endMsOf(view)) return null
  const x = Math.max(-2, pxOf(view, fromMs))
  const end = Math.min(view.widthPx + 2, pxOf(view, toMs))
  return { x, width: Math.max(1, end - x) }
}

function drawGrid(pen: Pen, { view, layout, lengthMs, colors }: Scene): void {
  pen.fillStyle = colors.lane
  pen.fillRect(0, layout.lanesTopPx, view.widthPx, layout.heightPx - layout.lanesTopPx)
  pen.fillStyle = colors.line
  for (const { atMs, isMajor } of ticksOf(view, lengthMs)) {
    if (isMajor) pen.fillRect(Math.round(pxOf(view, atMs)), RULER_PX, 1, layout.heightPx - RULER_PX)
  }
  pen.fillRect(0, RULER_PX - 1, view.widthPx, 1)
  for (let lane = 0; lane < layout.laneCount; lane++) {
    pen.fillRect(0, layout.lanesTopPx + lane * layout.lanePx, view.widthPx, 1)
  }
}

function drawRuler(pen: Pen, { view, lengthMs, colors }: Scene): void {
  pen.font = '11px system-ui, sans-serif'
  pen.textBaseline = 'middle'
  for (const { atMs, isMajor } of ticksOf(view, lengthMs)) {
    const x = Math.round(pxOf(view, atMs))
    pen.fillStyle = colors.line
    pen.fillRect(x, RULER_PX - (isMajor ? 12 : 6), 1, isMajor ? 12 : 6)
    if (!isMajor) continue
    pen.fillStyle = colors.soft
    pen.fillText(view.msPerPx < 10 ? formatPrecise(atMs) : formatLength(atMs), x + 4, RULER_PX - 9)
  }
}

/** Who was on stage: a bar; muted: a thin one; connection lost: dots. */
function drawStage(pen: Pen, { view, layout, spans, colors }: Scene): void {
  for (const [lane, own] of spans.entries()) {
    const middle = layout.stageTopPx + STAGE_PADDING_PX + lane * STAGE_ROW_PX + STAGE_ROW_PX / 2
    pen.fillStyle = colors.inks[lane] ?? colors.text
    for (const span of own) {
      const extent = extentOf(view, span)
      if (extent !== null) drawSpan(pen, { ...extent, middle, state: span.state })
    }
  }
}

interface DrawnSpan {
  x: number
  width: number
  middle: number
  state: StageSpan['state']
}

function drawSpan(pen: Pen, { x, width, middle, state }: DrawnSpan): void {
  if (state === 'away') {
    for (let dot = x; dot < x + width; dot += 5) pen.fillRect(dot, middle - 0.5, 2, 1)
    return
  }
  const height = state === 'open' ? STAGE_ROW_PX - 3 : 1.5
  pen.beginPath()
  pen.roundRect(x, middle - height / 2, width, height, Math.min(2, height / 2))
  pen.fill()
}

function drawLane(pen: Pen, scene: Scene, lane: number): void {
  const { layout, edits, lanes, colors } = scene
  const track = lanes[lane]
  if (track === undefined) return
  const top = layout.lanesTopPx + lane * layout.lanePx
  const isLeftOut = edits.leftOut.includes(track.participantId)
  pen.globalAlpha = isLeftOut ? 0.25 : 1
  drawWave(pen, scene, { lane, top })
  pen.globalAlpha = 1
  for (const mute of edits.mutes) {
    if (mute.participantId !== track.participantId) continue
    const extent = extentOf(scene.view, mute)
    if (extent !== null) drawMute(pen, { ...extent, top: top + 1, height: layout.lanePx - 1, colors })
  }
  for (const gap of track.gaps) {
    const extent = extentOf(scene.view, gap)
    if (extent === null) continue
    pen.fillStyle = gap.filledFrom === 'sfu' ? colors.filled : colors.silent
    pen.fillRect(extent.x, top + layout.lanePx - 4, Math.max(2, extent.width), 3)
  }
}

/** One shape over the loudest and back under the quietest of each device pixel. */
function drawWave(pen: Pen, scene: Scene, { lane, top }: { lane: number; top: number }): void {
  const { view, layout, peaks, colors, pixelRatio, loudest } = scene
  const own = peaks[lane]
  if (!own) return
  const count = Math.ceil(view.widthPx * pixelRatio)
  const columns = columnsOf(own, { startMs: view.startMs, columnMs: view.msPerPx / pixelRatio, count })
  const middle = top + layout.lanePx / 2
  const reach = layout.lanePx / 2 - 5
  const yOf = (value: number, least: number) => middle - Math.max(-1, Math.min(1, value / loudest)) * reach + least
  pen.beginPath()
  pen.moveTo(0, middle)
  for (let column = 0; column < count; column++)
    pen.lineTo(column / pixelRatio, yOf(columns[column * 2 + 1] ?? 0, -0.5))
  for (let column = count - 1; column >= 0; column--)
    pen.lineTo(column / pixelRatio, yOf(columns[column * 2] ?? 0, 0.5))
  pen.closePath()
  pen.fillStyle = colors.inks[lane] ?? colors.text
  pen.fill()
}

interface Box {
  x: number
  width: number
  top: number
  height: number
  colors: TimelineColors
}

function drawMute(pen: Pen, { x, width, top, height, colors }: Box): void {
  pen.globalAlpha = 0.78
  pen.fillStyle = colors.lane
  pen.fillRect(x, top, width, height)
  pen.globalAlpha = 1
  pen.fillStyle = colors.soft
  pen.fillRect(x, top + height / 2 - 0.5, width, 1)
  pen.fillRect(x, top, 1, height)
  pen.fillRect(x + width - 1, top, 1, height)
}

function drawCuts(pen: Pen, { view, layout, edits, colors }: Scene): void {
  for (const cut of edits.cuts) {
    const extent = extentOf(view, cut)
    if (extent === null) continue
    drawHatched(pen, { ...extent, top: layout.stageTopPx, height: layout.heightPx - layout.stageTopPx, colors })
  }
}

function drawTrims(pen: Pen, { view, layout, edits, lengthMs, colors }: Scene): void {
  const outside = [
    { fromMs: 0, toMs: edits.trimStartMs ?? 0 },
    { fromMs: edits.trimEndMs ?? lengthMs, toMs: lengthMs },
  ]
  for (const range of outside) {
    const extent = range.toMs > range.fromMs ? extentOf(view, range) : null
    if (extent === null) continue
    pen.globalAlpha = 0.82
    pen.fillStyle = colors.ground
    pen.fillRect(extent.x, layout.stageTopPx, extent.width, layout.heightPx - layout.stageTopPx)
    pen.globalAlpha = 1
  }
}

const HATCH_PX = 9

/** Paler below, with slanted lines. */
function drawHatched(pen: Pen, { x, width, top, height, colors }: Box): void {
  pen.save()
  pen.beginPath()
  pen.rect(x, top, width, height)
  pen.clip()
  pen.globalAlpha = 0.72
  pen.fillStyle = colors.ground
  pen.fillRect(x, top, width, height)
  pen.globalAlpha = 0.6
  pen.strokeStyle = colors.cut
  pen.lineWidth = 1
  pen.beginPath()
  for (let from = x - height; from < x + width; from += HATCH_PX) {
    pen.moveTo(from, top + height)
    pen.lineTo(from + height, top)
  }
  pen.stroke()
  pen.globalAlpha = 1
  pen.fillStyle = colors.cut
  pen.fillRect(x, top, 1, height)
  pen.fillRect(x + width - 1, top, 1, height)
  pen.restore()
}

function drawSelection(pen: Pen, { view, layout, selection, colors }: Scene): void {
  const extent = selection === null ? null : extentOf(view, selection)
  if (extent === null) return
  pen.fillStyle = colors.selection
  pen.fillRect(extent.x, 0, extent.width, layout.heightPx)
  pen.fillStyle = colors.selectionEdge
  pen.fillRect(extent.x, 0, 1.5, layout.heightPx)
  pen.fillRect(extent.x + extent.width - 1.5, 0, 1.5, layout.heightPx)
}

const FLAG_MAX_PX = 140

function drawMarkers(pen: Pen, { view, layout, edits, colors }: Scene): void {
  pen.font = '11px system-ui, sans-serif'
  pen.textBaseline = 'middle'
  for (const [index, { atMs, text }] of edits.markers.entries()) {
    const x = pxOf(view, atMs)
    if (x < -FLAG_MAX_PX || x > view.widthPx) continue
    const next = edits.markers[index + 1]
    const room = Math.min(FLAG_MAX_PX, next === undefined ? FLAG_MAX_PX : pxOf(view, next.atMs) - x - 2)
    const width = Math.max(9, Math.min(room, pen.measureText(text).width + 10))
    pen.fillStyle = colors.marker
    pen.fillRect(x, 2, 1.5, layout.heightPx - 2)
    pen.beginPath()
    pen.roundRect(x, 2, width, 14, [0, 3, 3, 0])
    pen.fill()
    if (width < 24) continue
    pen.save()
    pen.beginPath()
    pen.rect(x, 2, width - 3, 14)
    pen.clip()
    pen.fillStyle = colors.markerText
    pen.fillText(text, x + 5, 9.5)
    pen.restore()
  }
}
