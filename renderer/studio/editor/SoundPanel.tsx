import { useTranslation } from 'react-i18next'
import type { Processing } from '../../../sfu-core/contract/edits.ts'
import { Select, Slider, Switch } from '../../ui/forms.ts'
import { Card } from '../../ui/index.ts'
import studio from '../studio.module.css'
import styles from './editor.module.css'
import { useEditor } from './editor-context.ts'
import { LOUDNESS_CHOICES, LOUDNESS_NAMES, type LoudnessName, nameOfLoudness } from './loudness-choices.ts'

const STEPS = [
  'highPass',
  'noiseReduction',
  'levelling',
  'bleedDucking',
] as const satisfies readonly (keyof Processing)[]

/** How the mix is made to sound. */
export function SoundPanel() {
  const { t } = useTranslation('studio')
  const { edits, edit } = useEditor()
  return (
    <section className={studio.section} aria-labelledby="sound">
      <h2 id="sound" className={studio.sectionTitle}>
        {t('editor.sound.title')}
      </h2>
      <Card padding="large">
        <div className={styles.panel}>
          {STEPS.map((step) => (
            <Switch
              key={step}
              label={t(`editor.sound.${step}`)}
              description={t(`editor.sound.${step}Help`)}
              on={edits.processing[step]}
              onChange={(on) => edit({ type: 'processing', change: { [step]: on } })}
            />
          ))}
          <LoudnessChoice />
          <Speakers />
        </div>
      </Card>
    </section>
  )
}

function LoudnessChoice() {
  const { t } = useTranslation('studio')
  const { edits, edit } = useEditor()
  const current = nameOfLoudness(edits)
  const options: { value: LoudnessName | 'custom'; label: string; description: string }[] = LOUDNESS_NAMES.map(
    (value) => ({
      value,
      label: t(`editor.sound.loudnessOptions.${value}.name`),
      description: t(`editor.sound.loudnessOptions.${value}.help`),
    }),
  )
  if (current === null) {
    options.push({
      value: 'custom',
      label: t('editor.sound.loudnessOptions.custom.name'),
      description: t('editor.sound.loudnessOptions.custom.help', { lufs: edits.loudnessLufs }),
    })
  }
  const value = current ?? 'custom'
  return (
    <Select
      label={t('editor.sound.loudness')}
      value={value}
      options={options}
      description={options.find((option) => option.value === value)?.description}
      onChange={(name) => name !== 'custom' && edit({ type: 'loudness', ...LOUDNESS_CHOICES[name] })}
    />
  )
}

/** In dB; what a hand can hear a difference of. */
const GAIN_RANGE_DB = { min: -12, max: 12, step: 1 }
const DECIBELS: Intl.NumberFormatOptions = { signDisplay: 'exceptZero', maximumFractionDigits: 0 }

function Speakers() {
  const { t } = useTranslation('studio')
  const { desk, edits, edit, dispatch } = useEditor()
  return (
    <div className={styles.gains}>
      <div>
        <h3 className={styles.subtitle}>{t('editor.sound.speakers')}</h3>
        <p className={studio.soft}>{t('editor.sound.speakersHelp')}</p>
      </div>
      {desk.lanes.map(({ participantId, name }) => {
        const leftOut = edits.leftOut.includes(participantId)
        return (
          <div key={participantId} className={styles.gainRow}>
            <span className={styles.gainName}>{name}</span>
            <Slider
              label={t('editor.sound.gain', { name })}
              hideLabel
              {...GAIN_RANGE_DB}
              value={edits.gainsDb[participantId] ?? 0}
              onChange={(gainDb) => edit({ type: 'gain', participantId, gainDb })}
              onChangeEnd={() => dispatch({ type: 'pause' })}
              format={DECIBELS}
              unit="dB"
              disabled={leftOut}
            />
            <Switch
              label={t('speaker.leaveOutShort')}
              ariaLabel={t('speaker.leaveOutLabel', { name })}
              on={leftOut}
              onChange={(on) => edit({ type: 'leave-out', participantId, leftOut: on })}
            />
          </div>
        )
      })}
    </div>
  )
}
