import type { KeyboardEvent, PointerEvent } from 'react'

/**
 * Who points at the timeline goes on with the keys there: its position takes the focus. The ring stays away until a key is pressed;
 * browsers differ in whether a focus set by a script shows it.
 */
export function pointAtPosition(event: PointerEvent<HTMLElement>): void {
  const position = event.currentTarget.closest('section')?.querySelector<HTMLElement>('[data-position]')
  if (!position) return
  event.preventDefault()
  position.dataset['byPointer'] = ''
  position.focus({ preventScroll: true })
}

/** For the position's element. */
export function showFocus({ currentTarget }: KeyboardEvent<HTMLElement>): void {
  delete currentTarget.dataset['byPointer']
}
