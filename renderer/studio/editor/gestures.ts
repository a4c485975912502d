import type { EditList } from '../../../sfu-core/contract/edits.ts'
import type { Desk } from './create-editor.ts'
import type { Edit } from './edits.ts'
import { partAt, type TimelineLayout } from './layout.ts'
import { type Edge, edgeAt, snapTargets } from './selection.ts'
import { snapped } from './snapping.ts'
import { msOf, scrolled, type TimeView, zoomed } from './time-axis.ts'

/** A hand trembles this much without meaning anything. */
const DRAG_MIN_PX = 4
/** How near is on it. */
const REACH_PX = 6
/** A finger that rests this long means to select and not to scroll. */
const LONG_PRESS_MS = 400

export interface GestureOptions {
  desk: Desk
  layout: TimelineLayout
  edits(): EditList
  edit(edit: Edit): void
}

type Drag =
  | { kind: 'pressed'; timer: ReturnType<typeof setTimeout> | null }
  | { kind: 'scrub' }
  | { kind: 'select'; fromMs: number }
  | { kind: 'edge'; edge: Edge }
  | { kind: 'scroll'; lastX: number }

interface Press {
  x: number
  y: number
  drag: Drag
}

/**
 * What pointers do on the timeline. On the ruler: move the position. On a waveform with a mouse or pen: select, or move the edge
 * of a cut or mute. With a finger: scroll, after a long press select; with two: zoom. A press without moving goes there. Returns the end.
 */
export function listenToGestures(element: HTMLElement, options: GestureOptions): () => void {
  return new Gestures(element, options).listen()
}

class Gestures {
  readonly #element: HTMLElement
  readonly #options: GestureOptions
  readonly #fingers = new Map<number, PointerEvent>()
  #press: Press | null = null

  constructor(element: HTMLElement, options: GestureOptions) {
    this.#element = element
    this.#options = options
  }

  listen(): () => void {
    const stop = new AbortController()
    const on = (
      type: 'pointerdown' | 'pointermove' | 'pointerup' | 'pointercancel',
      call: (event: PointerEvent) => void,
    ) => this.#element.addEventListener(type, call, { signal: stop.signal })
    on('pointerdown', (event) => this.#down(event))
    on('pointermove', (event) => this.#move(event))
    on('pointerup', (event) => this.#up(event, true))
    on('pointercancel', (event) => this.#up(event, false))
    return () => {
      this.#endPress()
      stop.abort()
    }
  }

  get #view(): TimeView {
    return this.#options.desk.view.get()
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return
    this.#element.setPointerCapture(event.pointerId)
    this.#fingers.set(event.pointerId, event)
    this.#endPress()
    if (this.#fingers.size > 1) return
    const { x, y } = this.#placeOf(event)
    this.#press = { x, y, drag: this.#beginDrag(event, { x, y }) }
    if (this.#press.drag.kind === 'scrub') this.#options.desk.seek(this.#momentAt(x))
  }

  #beginDrag(event: PointerEvent, { x, y }: { x: number; y: number }): Drag {
    if (partAt(this.#options.layout, y).part === 'ruler') return { kind: 'scrub' }
    if (event.pointerType === 'touch') {
      return { kind: 'pressed', timer: setTimeout(() => this.#longPressed(), LONG_PRESS_MS) }
    }
    const edge = this.#edgeAt(x, y)
    return edge === null ? { kind: 'pressed', timer: null } : { kind: 'edge', edge }
  }

  #longPressed(): void {
    const press = this.#press
    if (press?.drag.kind !== 'pressed') return
    press.drag = { kind: 'select', fromMs: this.#momentAt(press.x) }
    navigator.vibrate?.(10)
  }

  #move(event: PointerEvent): void {
    const before = this.#fingers.get(event.pointerId)
    if (before === undefined) {
      this.#showCursor(event)
      return
    }
    if (this.#fingers.size === 2) this.#pinch(event, before)
    this.#fingers.set(event.pointerId, event)
    if (this.#press !== null) this.#drag(event, this.#press)
  }

  #drag(event: PointerEvent, press: Press): void {
    const { x, y } = this.#placeOf(event)
    if (press.drag.kind === 'pressed') {
      if (Math.abs(x - press.x) < DRAG_MIN_PX && Math.abs(y - press.y) < DRAG_MIN_PX) return
      this.#stopTimer(press)
      press.drag =
        event.pointerType === 'touch'
          ? { kind: 'scroll', lastX: press.x }
          : { kind: 'select', fromMs: this.#momentAt(press.x) }
    }
    this.#followDrag(press, x)
  }

  #followDrag(press: Press, x: number): void {
    const { desk } = this.#options
    const { drag } = press
    switch (drag.kind) {
      case 'pressed':
        return
      case 'scrub':
        desk.seek(this.#momentAt(x))
        return
      case 'scroll':
        desk.view.set(scrolled(this.#view, drag.lastX - x, desk.lengthMs))
        drag.lastX = x
        return
      case 'select':
        this.#select(drag.fromMs, this.#momentAt(x), press.y)
        return
      case 'edge':
        this.#moveEdge(drag, this.#momentAt(x, drag.edge))
    }
  }

  #select(aMs: number, bMs: number, y: number): void {
    const { desk, layout } = this.#options
    const part = partAt(layout, y)
    const participantId = part.part === 'lane' ? (desk.lanes[part.index]?.participantId ?? null) : null
    desk.selection.set({ fromMs: Math.min(aMs, bMs), toMs: Math.max(aMs, bMs), participantId })
  }

  /** The range may merge with a neighbour or turn round: the edge is looked for anew after each step. */
  #moveEdge(drag: { kind: 'edge'; edge: Edge }, atMs: number): void {
    const { edits, edit } = this.#options
    const { kind, index, side } = drag.edge
    const range = kind === 'cut' ? edits().cuts[index] : edits().mutes[index]
    if (range === undefined) return
    const moved = { fromMs: range.fromMs, toMs: range.toMs, [side]: atMs }
    if (moved.toMs - moved.fromMs < 20) return
    edit({ type: kind === 'cut' ? 'change-cut' : 'change-mute', index, range: moved })
    const list = kind === 'cut' ? edits().cuts : edits().mutes
    const found = list.findIndex(({ fromMs, toMs }) => fromMs <= moved.fromMs && toMs >= moved.toMs)
    if (found !== -1) drag.edge = { kind, side, index: found }
  }

  #pinch(event: PointerEvent, before: PointerEvent): void {
    const other = [...this.#fingers.values()].find(({ pointerId }) => pointerId !== event.pointerId)
    if (other === undefined) return
    const spread = (one: PointerEvent) => Math.max(20, Math.abs(one.clientX - other.clientX))
    const { left } = this.#element.getBoundingClientRect()
    const { desk } = this.#options
    const anchorPx = (event.clientX + other.clientX) / 2 - left
    const next = zoomed(this.#view, spread(event) / spread(before), { anchorPx, lengthMs: desk.lengthMs })
    desk.view.set(scrolled(next, (before.clientX - event.clientX) / 2, desk.lengthMs))
  }

  #up(event: PointerEvent, isMeant: boolean): void {
    this.#fingers.delete(event.pointerId)
    const press = this.#press
    if (press === null) return
    const isPress = press.drag.kind === 'pressed'
    this.#endPress()
    if (!isPress || !isMeant) return
    const { desk } = this.#options
    const atMs = this.#momentAt(press.x)
    if (event.shiftKey) {
      this.#select(desk.selection.get()?.fromMs ?? desk.positionMs.get(), atMs, press.y)
      return
    }
    desk.selection.set(null)
    desk.seek(atMs)
  }

  #endPress(): void {
    if (this.#press !== null) this.#stopTimer(this.#press)
    this.#press = null
  }

  #stopTimer({ drag }: Press): void {
    if (drag.kind === 'pressed' && drag.timer !== null) clearTimeout(drag.timer)
  }

  #showCursor(event: PointerEvent): void {
    const { x, y } = this.#placeOf(event)
    const isRuler = partAt(this.#options.layout, y).part === 'ruler'
    const cursor = isRuler ? 'pointer' : this.#edgeAt(x, y) === null ? 'text' : 'ew-resize'
    if (this.#element.style.cursor !== cursor) this.#element.style.cursor = cursor
  }

  #edgeAt(x: number, y: number): Edge | null {
    const { desk, layout, edits } = this.#options
    const part = partAt(layout, y)
    if (part.part === 'ruler') return null
    const participantId = part.part === 'lane' ? (desk.lanes[part.index]?.participantId ?? null) : null
    const { msPerPx } = this.#view
    return edgeAt(edits(), { atMs: msOf(this.#view, x), reachMs: REACH_PX * msPerPx, participantId })
  }

  #placeOf(event: PointerEvent): { x: number; y: number } {
    const { left, top } = this.#element.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }

  /** The moment meant at `x`: an edge of something near it, but for the one that is being moved. */
  #momentAt(x: number, own: Edge | null = null): number {
    const { desk, edits } = this.#options
    const view = this.#view
    const list = own === null ? [] : own.kind === 'cut' ? edits().cuts : edits().mutes
    const ownMs = own === null ? null : (list[own.index]?.[own.side] ?? null)
    const targets = [...snapTargets(edits(), desk.lengthMs), desk.positionMs.get()].filter((target) => target !== ownMs)
    const atMs = snapped(msOf(view, x), targets, REACH_PX * view.msPerPx)
    return Math.max(0, Math.min(desk.lengthMs, atMs))
  }
}
