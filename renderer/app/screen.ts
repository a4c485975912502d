import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { PAGE_HEADING_ATTRIBUTE } from '../ui/index.ts'

/** Names the screen in the window's title; while a part of the screen names itself, that holds. */
export function useScreenTitle(screen: string): void {
  const { t } = useTranslation()
  useEffect(() => {
    const before = document.title
    document.title = screen === '' ? t('name') : t('documentTitle', { screen })
    return () => {
      document.title = before
    }
  }, [screen, t])
}

/** A screen that has not come to rest by then keeps the focus where it is. */
const HEADING_WAIT_MS = 10_000

/**
 * Moves the focus to the screen's heading, now or when it appears, so that a screen reader starts there; and to
 * the next heading where that one is replaced (loading, then loaded). A key or a press in between means that the
 * person is already somewhere else: then nothing is moved. Returns the end.
 */
export function focusPageHeading(): () => void {
  const stop = new AbortController()
  let focused: HTMLElement | null = null
  const focusHeading = () => {
    if (focused?.isConnected || (focused !== null && document.activeElement !== document.body)) return
    focused = document.querySelector<HTMLElement>(`[${PAGE_HEADING_ATTRIBUTE}]`) ?? focused
    focused?.focus({ preventScroll: true })
  }
  const observer = new MutationObserver(focusHeading)
  const timer = setTimeout(() => stop.abort(), HEADING_WAIT_MS)
  stop.signal.addEventListener('abort', () => {
    observer.disconnect()
    clearTimeout(timer)
  })
  observer.observe(document.body, { childList: true, subtree: true })
  for (const type of ['keydown', 'pointerdown'] as const) {
    window.addEventListener(type, () => stop.abort(), { once: true, signal: stop.signal, capture: true })
  }
  focusHeading()
  return () => stop.abort()
}
