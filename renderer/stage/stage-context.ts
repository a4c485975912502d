import { createContext, useContext } from 'react'
import type { BrowserSession } from '../room-session/browser-session.ts'
import type { SessionView } from '../room-session/room-session.ts'
import { useCell } from './use-cell.ts'

/** The session that the screen shows. */
export const StageContext = createContext<BrowserSession | null>(null)

export function useStage(): BrowserSession {
  const browser = useContext(StageContext)
  if (browser === null) throw new Error('Only inside StageScreen.')
  return browser
}

/** The room as it is now. */
export function useView(): SessionView {
  return useCell(useStage().session.view)
}

/** This person is heard now. */
export function useSpeaking(number: number): boolean {
  return useCell(useStage().session.speaking, (numbers) => numbers.includes(number))
}
