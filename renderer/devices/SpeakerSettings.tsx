import { Volume2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, Notice } from '../ui/index.ts'
import { DevicePicker } from './DevicePicker.tsx'
import styles from './DeviceSettings.module.css'
import { useDevices } from './devices-store.ts'
import { type Playback, playTone } from './test-sounds.ts'

/** Choose where sound goes, where the browser allows it, and hear whether it does. */
export function SpeakerSettings() {
  const { t } = useTranslation('devices')
  const { speakers, speakerId, speakersSelectable, chooseSpeaker } = useDevices()
  return (
    <section className={styles.group} aria-labelledby="speaker-heading">
      <h3 id="speaker-heading" className={styles.heading}>
        {t('speaker.heading')}
      </h3>
      {speakersSelectable ? (
        <DevicePicker
          label={t('speaker.label')}
          unnamed={(position) => t('speaker.unnamed', { position })}
          devices={speakers}
          chosenId={speakerId}
          onChoose={chooseSpeaker}
        />
      ) : (
        <p className={styles.hint}>{t('speaker.systemOnly')}</p>
      )}
      <ToneButton speakerId={speakerId} />
    </section>
  )
}

function ToneButton({ speakerId }: { speakerId: string | null }) {
  const { t } = useTranslation('devices')
  const [state, setState] = useState<'idle' | 'playing' | 'failed'>('idle')
  const playback = useRef<Playback | null>(null)
  useEffect(() => () => playback.current?.stop(), [])
  const play = () => {
    setState('playing')
    playback.current = playTone(speakerId)
    playback.current.done.then(
      () => setState('idle'),
      () => setState('failed'),
    )
  }
  return (
    <>
      <Button
        icon={<Volume2 aria-hidden="true" />}
        onPress={play}
        pending={state === 'playing'}
        pendingLabel={t('speaker.playing')}
      >
        {t('speaker.test')}
      </Button>
      {state === 'failed' && <Notice tone="warning" title={t('speaker.failed')} announce />}
    </>
  )
}
