import { useCallback, useEffect, useRef, useState } from 'react'
import type { Microphone } from '../room-session/ports.ts'
import { openMicrophone } from './browser-microphones.ts'
import { useDevices } from './devices-store.ts'
import type { MicrophoneProblem } from './microphone-problem.ts'

/** A microphone that is open for looking at its level. */
export type Trial =
  | { state: 'off' }
  | { state: 'opening' }
  | { state: 'on'; microphone: Microphone }
  | { state: 'failed'; problem: MicrophoneProblem }

export interface TrialHandle {
  trial: Trial
  start: () => void
  stop: () => void
}

/** Opens the chosen microphone on request; follows the choice; gives it back at the end. */
export function useMicrophoneTrial(): TrialHandle {
  const microphoneId = useDevices((state) => state.microphoneId)
  const [wanted, setWanted] = useState(false)
  const [round, setRound] = useState(0)
  const [trial, setTrial] = useState<Trial>({ state: 'off' })
  const held = useRef<Microphone | null>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks for the same device again
  useEffect(() => {
    if (!wanted) {
      setTrial({ state: 'off' })
      return
    }
    let current = true
    setTrial({ state: 'opening' })
    void openMicrophone(microphoneId).then((answer) => {
      // Names of devices are known once a microphone was allowed.
      void useDevices.getState().refresh()
      if (!current) {
        if (answer.ok) answer.microphone.stop()
        return
      }
      if (!answer.ok) {
        setTrial({ state: 'failed', problem: answer.problem })
        return
      }
      held.current = answer.microphone
      answer.microphone.onEnded(() => setTrial({ state: 'failed', problem: 'device-gone' }))
      setTrial({ state: 'on', microphone: answer.microphone })
    })
    return () => {
      current = false
      held.current?.stop()
      held.current = null
    }
  }, [wanted, microphoneId, round])

  const start = useCallback(() => {
    setWanted(true)
    setRound((count) => count + 1)
  }, [])
  const stop = useCallback(() => setWanted(false), [])
  return { trial, start, stop }
}
