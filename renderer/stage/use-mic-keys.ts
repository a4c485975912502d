import { useEffect, useRef } from 'react'

export interface MicKeys {
  muted: boolean
  /** The microphone can be used now. */
  enabled: boolean
  setMuted: (muted: boolean) => void
}

/**
 * M mutes and unmutes; the space bar, while held, opens a muted microphone. Not while typing or in a dialog;
 * but M also in a question that comes up by itself: who is asked something may have to mute first.
 */
export function useMicKeys(keys: MicKeys): void {
  const latest = useRef(keys)
  latest.current = keys
  const talking = useRef(false)

  useEffect(() => {
    const stop = new AbortController()
    const options = { signal: stop.signal }
    const endTalk = () => {
      if (!talking.current) return
      talking.current = false
      latest.current.setMuted(true)
    }
    const down = (event: KeyboardEvent) => {
      const { muted, enabled, setMuted } = latest.current
      if (!enabled || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.code === 'KeyM' && !takesText(event.target)) setMuted(!muted)
      if (event.code === 'Space' && muted && !takesKeys(event.target)) {
        event.preventDefault()
        talking.current = true
        setMuted(false)
      }
    }
    const up = (event: KeyboardEvent) => event.code === 'Space' && endTalk()
    addEventListener('keydown', down, options)
    addEventListener('keyup', up, options)
    // A key that is let go elsewhere tells nobody.
    addEventListener('blur', endTalk, options)
    return () => {
      stop.abort()
      endTalk()
    }
  }, [])
}

const TEXT_FIELDS = 'input, textarea, select, [contenteditable=""], [contenteditable="true"]'
const TEXT_PLACES = `${TEXT_FIELDS}, [role="dialog"], [role="menu"], [role="listbox"]`
const QUESTION = '[role="alertdialog"]'
const CONTROLS = `${TEXT_PLACES}, ${QUESTION}, button, a, summary, [role="button"], [role="switch"]`

/** Letters typed here mean something else. */
function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  const question = target.closest(QUESTION)
  return target.closest(TEXT_PLACES) !== null || (question?.querySelector(TEXT_FIELDS) ?? null) !== null
}

/** The space bar presses this. */
function takesKeys(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(CONTROLS) !== null
}
