import { readFileSync, writeFileSync } from 'node:fs'
import * as z from 'zod'

const windowStateSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(200).max(20_000),
  height: z.int().min(200).max(20_000),
  maximized: z.boolean(),
})
export type WindowState = z.infer<typeof windowStateSchema>

export interface Area {
  x: number
  y: number
  width: number
  height: number
}

/** So much of the title bar has to be on a screen for a person to get hold of the window. */
const GRIP_PX = 80

/** Where the window was. null: never saved, not readable, or on a screen that is gone. */
export function readWindowState(file: string, screens: readonly Area[]): WindowState | null {
  try {
    const state = windowStateSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    return screens.some((screen) => canBeGrasped(state, screen)) ? state : null
  } catch {
    return null
  }
}

/** Keeps it for the next start. A failure costs only the place of the window. */
export function saveWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(file, JSON.stringify(state))
  } catch {
    // The next start uses the default place.
  }
}

function canBeGrasped(state: WindowState, screen: Area): boolean {
  const sharedWidth = Math.min(state.x + state.width, screen.x + screen.width) - Math.max(state.x, screen.x)
  return sharedWidth >= GRIP_PX && state.y >= screen.y - 10 && state.y <= screen.y + screen.height - GRIP_PX
}
