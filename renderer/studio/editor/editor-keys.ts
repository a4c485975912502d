import type { KeyboardEvent } from 'react'
import type { Commands } from './commands.ts'

const STEP_MS = 1_000
const FAR_STEP_MS = 10_000
const NEAR_STEP_MS = 100

/** Where keys are typed, or choose. */
const TAKES_KEYS =
  'input:not([type="range"], [type="checkbox"], [type="radio"]), textarea, select, audio, [contenteditable="true"], [role="dialog"], [role="menu"], [role="listbox"]'
/** Space and Enter press these. */
const PRESSABLE = 'button, a, summary, input, label, [role="button"], [role="switch"]'
/** Arrows move these. */
const MOVES_BY_ARROWS = 'input, [role="radio"], [role="slider"]:not([data-position])'

/**
 * The editor's keys (editor.help lists them). For the editor's element: they hold while the focus is in it (WCAG 2.2, 2.1.4), except
 * where a key means something else.
 */
export function editorKeys(commands: Commands): (event: KeyboardEvent) => void {
  return (event) => {
    if (!(event.target instanceof Element) || event.target.closest(TAKES_KEYS) !== null) return
    const command = event.ctrlKey || event.metaKey ? withControl(event, commands) : plain(event, event.target, commands)
    if (command === null) return
    event.preventDefault()
    command()
  }
}

function withControl(event: KeyboardEvent, commands: Commands): (() => void) | null {
  const key = event.key.toLowerCase()
  if (key === 'z') return event.shiftKey ? commands.redo : commands.undo
  return key === 'y' ? commands.redo : null
}

function plain(event: KeyboardEvent, target: Element, commands: Commands): (() => void) | null {
  if (event.key === ' ') return target.closest(PRESSABLE) === null ? commands.togglePlay : null
  if (event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End') {
    return target.closest(MOVES_BY_ARROWS) === null ? movement(event, commands) : null
  }
  return event.altKey ? null : letter(event, commands)
}

function movement(event: KeyboardEvent, commands: Commands): (() => void) | null {
  const stepMs = event.shiftKey ? FAR_STEP_MS : event.altKey ? NEAR_STEP_MS : STEP_MS
  switch (event.key) {
    case 'ArrowLeft':
      return () => commands.moveBy(-stepMs)
    case 'ArrowRight':
      return () => commands.moveBy(stepMs)
    case 'Home':
      return () => commands.moveTo(0)
    case 'End':
      return () => commands.moveTo(Number.POSITIVE_INFINITY)
    default:
      return null
  }
}

function letter(event: KeyboardEvent, commands: Commands): (() => void) | null {
  switch (event.key.toLowerCase()) {
    case 'i':
      return commands.selectFrom
    case 'o':
      return commands.selectTo
    case 'x':
    case 'delete':
      return commands.cut
    case 'm':
      return commands.addMarker
    case 'j':
      return () => commands.moveToEdit(-1)
    case 'k':
      return () => commands.moveToEdit(1)
    case '+':
    case '=':
      return () => commands.zoom('in')
    case '-':
      return () => commands.zoom('out')
    case '0':
      return () => commands.zoom('fit')
    case 'escape':
      return commands.clearSelection
    default:
      return null
  }
}
