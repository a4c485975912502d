import { useEffect } from 'react'
import styles from './DeviceSettings.module.css'
import { watchDevices } from './devices-store.ts'
import { MicrophoneSettings } from './MicrophoneSettings.tsx'
import { SpeakerSettings } from './SpeakerSettings.tsx'
import { TapeSettings } from './TapeSettings.tsx'

/** Microphone and speaker: choose, see the level, test both; and what is recorded here. Works with and without a room. */
export function DeviceSettings() {
  useEffect(() => watchDevices(), [])
  return (
    <div className={styles.devices}>
      <MicrophoneSettings />
      <SpeakerSettings />
      <TapeSettings />
    </div>
  )
}
