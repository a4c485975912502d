import { useCallback, useEffect, useState } from 'react'
import type { RoomView } from '../../server/contract/views.ts'
import { serverConnection } from '../app/server-connection.ts'
import { useDevices, watchDevices } from '../devices/devices-store.ts'
import { type BrowserSession, openBrowserSession } from '../room-session/browser-session.ts'

export interface BrowserSessionRequest {
  room: RoomView
  invite: string | null
  name: string | null
}

export interface SessionHandle {
  /** Null for the blink before the first effect. */
  browser: BrowserSession | null
  /** A new session after one that has ended. */
  again: () => void
}

/** Holds a session for as long as the screen is there. Going to another screen leaves the room. */
export function useBrowserSession({ room, invite, name }: BrowserSessionRequest): SessionHandle {
  const [browser, setBrowser] = useState<BrowserSession | null>(null)
  const [round, setRound] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the room's other fields change while it is live; the session follows them itself
  useEffect(() => {
    const { microphoneId, speakerId } = useDevices.getState()
    const opened = openBrowserSession({
      room,
      invite,
      name,
      microphoneId,
      speakerId,
      api: () => serverConnection().client,
    })
    setBrowser(opened)
    const ends = [
      watchDevices(() => opened.session.devicesChanged()),
      useDevices.subscribe((devices) => {
        opened.session.chooseMicrophone(devices.microphoneId)
        opened.chooseSpeaker(devices.speakerId)
      }),
      showPhase(opened),
    ]
    return () => {
      for (const end of ends) end()
      opened.session.leave()
    }
  }, [room.roomId, invite, name, round])

  return { browser, again: useCallback(() => setRound((count) => count + 1), []) }
}

/** `data-room-state` on the page's root: for style and for tests from outside. */
function showPhase({ session }: BrowserSession): () => void {
  const root = document.documentElement
  const show = () => root.setAttribute('data-room-state', session.view.get().state.phase)
  show()
  const end = session.view.subscribe(show)
  return () => {
    end()
    root.removeAttribute('data-room-state')
  }
}
