import { type FocusEvent, type RefObject, useLayoutEffect, useRef } from 'react'

interface HeldRow {
  id: string
  row: number
  control: number
}

export interface RowFocus {
  ref: RefObject<HTMLElement | null>
  onFocus: (event: FocusEvent) => void
  onBlur: () => void
}

/**
 * Keeps the keyboard's place in a list whose rows go away: from a row that goes, focus moves to the same control of the
 * row that takes its place, or to the section's heading. For a section with rows marked `data-row={id}` and a heading
 * with `tabIndex={-1}`; `ids` are those of the rows now.
 */
export function useRowFocus(ids: readonly string[]): RowFocus {
  const ref = useRef<HTMLElement>(null)
  const held = useRef<HeldRow | null>(null)
  useLayoutEffect(() => {
    const gone = held.current
    if (gone === null || ids.includes(gone.id)) return
    held.current = null
    // Elsewhere already: it stays there.
    if (document.activeElement !== null && document.activeElement !== document.body) return
    const row = rowsOf(ref.current)[Math.min(gone.row, ids.length - 1)]
    const next = controlsOf(row)[gone.control] ?? ref.current?.querySelector<HTMLElement>('h2')
    next?.focus()
  }, [ids])
  return {
    ref,
    onFocus: ({ target }) => {
      const row = target.closest('[data-row]')
      if (!(row instanceof HTMLElement) || !(target instanceof HTMLElement)) return
      const control = controlsOf(row).indexOf(target)
      held.current = { id: row.dataset['row'] ?? '', row: rowsOf(ref.current).indexOf(row), control }
    },
    // React is silent about the blur of an element that it takes away: this is a person's own step.
    onBlur: () => {
      held.current = null
    },
  }
}

function rowsOf(section: HTMLElement | null): HTMLElement[] {
  return [...(section?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
}

function controlsOf(row: HTMLElement | undefined): HTMLElement[] {
  return [...(row?.querySelectorAll<HTMLElement>('button') ?? [])]
}
