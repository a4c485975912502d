import { useTranslation } from 'react-i18next'
import type { ParticipantId } from '../../../sfu-core/contract/ids.ts'
import { formatPrecise } from '../times.ts'
import { type EditorContent, useEditor } from './editor-context.ts'
import { nextTarget, type Selection, snapTargets } from './selection.ts'
import { fitted, framed, zoomed } from './time-axis.ts'

const ZOOM_STEP = 1.6

/** What one can do in the editor, from buttons and keys alike. */
export interface Commands {
  togglePlay(): void
  moveBy(byMs: number): void
  moveTo(atMs: number): void
  /** To the edit before or after. */
  moveToEdit(direction: 1 | -1): void
  selectFrom(): void
  selectTo(): void
  clearSelection(): void
  zoomToSelection(): void
  cut(): void
  mute(participantId: ParticipantId): void
  addMarker(): void
  trim(side: 'start' | 'end'): void
  zoom(direction: 'in' | 'out' | 'fit'): void
  undo(): void
  redo(): void
}

export function useCommands(): Commands {
  const { t } = useTranslation('studio')
  const editor = useEditor()
  return { ...movement(editor), ...looking(editor), ...selecting(editor, t), ...editing(editor, t) }
}

type Words = ReturnType<typeof useTranslation<'studio'>>['t']

function movement({ desk, edits }: EditorContent) {
  const { player, positionMs, lengthMs } = desk
  return {
    togglePlay() {
      if (player.isPlaying) player.pause()
      else player.play()
    },
    moveBy: (byMs: number) => desk.seek(positionMs.get() + byMs),
    moveTo: (atMs: number) => desk.seek(atMs),
    moveToEdit(direction: 1 | -1) {
      const target = nextTarget(snapTargets(edits, lengthMs), positionMs.get(), direction)
      if (target !== null) desk.seek(target)
    },
  }
}

function looking({ desk }: EditorContent) {
  const { view, selection, lengthMs } = desk
  return {
    zoom(direction: 'in' | 'out' | 'fit') {
      const current = view.get()
      if (direction === 'fit') {
        view.set(fitted(current.widthPx, lengthMs))
        return
      }
      const px = (desk.positionMs.get() - current.startMs) / current.msPerPx
      const anchorPx = px >= 0 && px <= current.widthPx ? px : current.widthPx / 2
      view.set(zoomed(current, direction === 'in' ? ZOOM_STEP : 1 / ZOOM_STEP, { anchorPx, lengthMs }))
    },
    zoomToSelection() {
      const selected = selection.get()
      if (selected !== null) view.set(framed(view.get(), selected, { lengthMs, room: 0.1 }))
    },
  }
}

function selecting({ desk, announce }: EditorContent, t: Words) {
  const { selection, positionMs, lengthMs } = desk
  const select = (next: Selection) => {
    selection.set(next)
    announce(t('editor.announce.selected', { from: formatPrecise(next.fromMs), to: formatPrecise(next.toMs) }))
  }
  return {
    selectFrom() {
      const fromMs = positionMs.get()
      const before = selection.get()
      const toMs = before !== null && before.toMs > fromMs ? before.toMs : lengthMs
      select({ fromMs, toMs, participantId: before?.participantId ?? null })
    },
    selectTo() {
      const toMs = positionMs.get()
      const before = selection.get()
      const fromMs = before !== null && before.fromMs < toMs ? before.fromMs : 0
      select({ fromMs, toMs, participantId: before?.participantId ?? null })
    },
    clearSelection() {
      if (selection.get() === null) return
      selection.set(null)
      announce(t('editor.announce.cleared'))
    },
  }
}

function editing(editor: EditorContent, t: Words) {
  const { desk, edits, edit, dispatch, announce } = editor
  const { selection, positionMs } = desk
  return {
    cut() {
      const range = selection.get()
      if (range === null) return
      edit({ type: 'cut', range })
      selection.set(null)
      announce(t('editor.announce.cut', wordsOf(range)))
    },
    mute(participantId: ParticipantId) {
      const range = selection.get()
      if (range === null) return
      edit({ type: 'mute', participantId, range })
      selection.set(null)
      const name = desk.lanes.find((lane) => lane.participantId === participantId)?.name ?? ''
      announce(t('editor.announce.muted', { name, ...wordsOf(range) }))
    },
    addMarker() {
      const atMs = positionMs.get()
      const text = t('editor.log.newMarker', { number: edits.markers.length + 1 })
      edit({ type: 'add-marker', marker: { atMs, text } })
      announce(t('editor.announce.marker', { at: formatPrecise(atMs) }))
    },
    trim(side: 'start' | 'end') {
      const atMs = positionMs.get()
      edit({ type: side === 'start' ? 'trim-start' : 'trim-end', atMs })
      const at = formatPrecise(atMs)
      announce(side === 'start' ? t('editor.announce.trimStart', { at }) : t('editor.announce.trimEnd', { at }))
    },
    undo() {
      if (!editor.canUndo) return
      dispatch({ type: 'undo' })
      announce(t('editor.announce.undone'))
    },
    redo() {
      if (!editor.canRedo) return
      dispatch({ type: 'redo' })
      announce(t('editor.announce.redone'))
    },
  }
}

function wordsOf({ fromMs, toMs }: { fromMs: number; toMs: number }): { from: string; to: string } {
  return { from: formatPrecise(fromMs), to: formatPrecise(toMs) }
}
