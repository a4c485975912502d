import { Mic, Play, Square } from 'lucide-react'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, Meter, Notice } from '../ui/index.ts'
import { DevicePicker } from './DevicePicker.tsx'
import styles from './DeviceSettings.module.css'
import { useDevices } from './devices-store.ts'
import { MicrophoneHelp } from './MicrophoneHelp.tsx'
import { RECORDING_LENGTH_S, useEchoTest } from './use-echo-test.ts'
import { useLevel } from './use-level.ts'
import { type Trial, useMicrophoneTrial } from './use-microphone-trial.ts'

/** Choose a microphone, see its level, hear oneself. */
export function MicrophoneSettings() {
  const { t } = useTranslation('devices')
  const { microphones, microphoneId, chooseMicrophone } = useDevices()
  const { trial, start, stop } = useMicrophoneTrial()
  return (
    <section className={styles.group} aria-labelledby="microphone-heading">
      <h3 id="microphone-heading" className={styles.heading}>
        {t('microphone.heading')}
      </h3>
      <DevicePicker
        label={t('microphone.label')}
        unnamed={(position) => t('microphone.unnamed', { position })}
        devices={microphones}
        chosenId={microphoneId}
        onChoose={chooseMicrophone}
        description={microphones.some((device) => device.label === '') ? t('microphone.namesHidden') : undefined}
      />
      {trial.state === 'failed' ? (
        <MicrophoneHelp problem={trial.problem} onRetry={start} />
      ) : (
        <TrialControls trial={trial} onStart={start} onStop={stop} />
      )}
    </section>
  )
}

function TrialControls({ trial, onStart, onStop }: { trial: Trial; onStart: () => void; onStop: () => void }) {
  const { t } = useTranslation('devices')
  if (trial.state !== 'on') {
    return (
      <Button
        icon={<Mic aria-hidden="true" />}
        onPress={onStart}
        pending={trial.state === 'opening'}
        pendingLabel={t('microphone.opening')}
      >
        {t('microphone.test')}
      </Button>
    )
  }
  return <OpenTrial trial={trial} onStop={onStop} />
}

function OpenTrial({ trial, onStop }: { trial: Extract<Trial, { state: 'on' }>; onStop: () => void }) {
  const { t } = useTranslation('devices')
  const { microphone } = trial
  const level = useLevel(
    useCallback(() => microphone.level(), [microphone]),
    true,
  )
  const echo = useEchoTest(microphone)
  return (
    <div className={styles.trial}>
      <p className={styles.hint}>{t('microphone.speak')}</p>
      <Meter label={t('microphone.level')} value={level} />
      <div className={styles.row}>
        <Button
          icon={<Play aria-hidden="true" />}
          onPress={echo.start}
          pending={echo.step === 'recording' || echo.step === 'playing'}
          pendingLabel={echo.step === 'recording' ? t('microphone.recording') : t('microphone.playing')}
        >
          {t('microphone.echo', { count: RECORDING_LENGTH_S })}
        </Button>
        <Button variant="quiet" icon={<Square aria-hidden="true" />} onPress={onStop}>
          {t('microphone.stop')}
        </Button>
      </div>
      {echo.step === 'failed' && <Notice tone="warning" title={t('microphone.echoFailed')} announce />}
    </div>
  )
}
