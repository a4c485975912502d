import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { TapeChoice, TapeSources } from '../tape/tape-port.ts'
import { RadioGroup } from '../ui/forms.ts'
import styles from './DeviceSettings.module.css'
import { useDevices } from './devices-store.ts'
import { TapeStorage } from './TapeStorage.tsx'

const SOURCES: readonly TapeSources[] = ['processed', 'unprocessed', 'both']
const CHANNELS = ['mono', 'stereo'] as const

/** What this computer records of one's voice, where a room is recorded. */
export function TapeSettings() {
  const { t } = useTranslation('devices')
  const { tape, chooseTape } = useDevices()
  const headingId = useId()
  return (
    <section className={styles.group} aria-labelledby={headingId}>
      <h3 id={headingId} className={styles.heading}>
        {t('tape.heading')}
      </h3>
      <p className={styles.hint}>{t('tape.help')}</p>
      <RadioGroup
        label={t('tape.sources')}
        value={tape.sources}
        onChange={(sources) => chooseTape({ ...tape, sources })}
        options={SOURCES.map((value) => ({
          value,
          label: t(`tape.${value}.name`),
          description: t(`tape.${value}.help`),
        }))}
      />
      {/* What the others hear has one channel anyway. */}
      {tape.sources !== 'processed' && (
        <RadioGroup
          label={t('tape.channels')}
          value={tape.stereo ? 'stereo' : 'mono'}
          onChange={(channels) => chooseTape({ ...tape, stereo: channels === 'stereo' })}
          options={CHANNELS.map((value) => ({
            value,
            label: t(`tape.${value}.name`),
            description: t(`tape.${value}.help`),
          }))}
        />
      )}
      <TapeStorage channelCount={channelCountOf(tape)} />
    </section>
  )
}

/** Of all that is recorded at once. */
function channelCountOf({ sources, stereo }: TapeChoice): number {
  const unprocessed = sources === 'processed' ? 0 : stereo ? 2 : 1
  return (sources === 'unprocessed' ? 0 : 1) + unprocessed
}
