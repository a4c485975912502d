import { useCallback, useEffect, useRef, useState } from 'react'
import type { Microphone } from '../room-session/ports.ts'
import { useDevices } from './devices-store.ts'
import { type Playback, playRecording, recordFor } from './test-sounds.ts'

/** Long enough for a sentence. */
export const RECORDING_LENGTH_S = 3

export type EchoStep = 'idle' | 'recording' | 'playing' | 'failed'

/** Records some seconds of a microphone and plays them back on the chosen speaker. */
export function useEchoTest(microphone: Microphone): { step: EchoStep; start: () => void } {
  const [step, setStep] = useState<EchoStep>('idle')
  const playback = useRef<Playback | null>(null)
  const mounted = useRef(true)
  useEffect(() => {
    mounted.current = true
    return () => {
      mounted.current = false
      playback.current?.stop()
    }
  }, [])

  const start = useCallback(() => {
    const run = async () => {
      setStep('recording')
      const recording = await recordFor(microphone.track, RECORDING_LENGTH_S * 1_000)
      if (!mounted.current) return
      setStep('playing')
      playback.current = playRecording(recording, useDevices.getState().speakerId)
      await playback.current.done
    }
    run().then(
      () => mounted.current && setStep('idle'),
      () => mounted.current && setStep('failed'),
    )
  }, [microphone])
  return { step, start }
}
