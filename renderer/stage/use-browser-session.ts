import { useCallback, useEffect, useState } from 'react'
import type { RoomView } from '../../server/contract/views.ts'
import { serverConnection } from '../app/server-connection.ts'
import { useDevices, watchDevices } from '../devices/devices-store.ts'
import { type SpeakerStep, speakerStep } from '../devices/speaker-presence.ts'
import { type BrowserSession, openBrowserSession } from '../room-session/browser-session.ts'
import { usePresence } from '../stores/presence.ts'

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
    const { microphoneId, speakerId, tape } = useDevices.getState()
    const opened = openBrowserSession({
      room,
      invite,
      name,
      microphoneId,
      speakerId,
      tape,
      api: () => serverConnection().client,
    })
    setBrowser(opened)
    const ends = [
      watchDevices(() => opened.session.devicesChanged()),
      useDevices.subscribe((devices, before) => {
        opened.session.chooseMicrophone(devices.microphoneId)
        opened.session.chooseTape(devices.tape)
        directSound(opened, speakerStep(before, devices))
      }),
      showPhase(opened),
    ]
    return () => {
      for (const end of ends) end()
      void opened.session.leave()
    }
  }, [room.roomId, invite, name, round])

  return { browser, again: useCallback(() => setRound((count) => count + 1), []) }
}

function directSound(browser: BrowserSession, step: SpeakerStep): void {
  switch (step) {
    case 'nothing':
      return
    case 'choose':
      browser.chooseSpeaker(useDevices.getState().speakerId)
      return
    case 'fall-back':
    case 'restore':
      browser.redirectSpeaker(step === 'restore')
  }
}

/** For the rest of the page; and as `data-room-state` on its root, for tests from outside. */
function showPhase({ session }: BrowserSession): () => void {
  const root = document.documentElement
  const { setPhase } = usePresence.getState()
  const show = () => {
    const { phase } = session.view.get().state
    setPhase(phase)
    root.setAttribute('data-room-state', phase)
  }
  show()
  const end = session.view.subscribe(show)
  return () => {
    end()
    setPhase(null)
    root.removeAttribute('data-room-state')
  }
}
