import { useEffect } from 'react'
import styles from './DeviceSettings.module.css'
import { watchDevices } from './devices-store.ts'
import { MicrophoneSettings } from './MicrophoneSettings.tsx'
import { SpeakerSettings } from './SpeakerSettings.tsx'

/** Microphone and speaker: choose, see the level, test both. Works with and without a room. */
export function DeviceSettings() {
  useEffect(() => watchDevices(), [])
  return (
    <div className={styles.devices}>
      <MicrophoneSettings />
      <SpeakerSettings />
    </div>
  )
}
