import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useLevel } from '../devices/use-level.ts'
import { Meter } from '../ui/index.ts'
import styles from './stage.module.css'
import { useStage } from './stage-context.ts'

/** How loud one's own microphone is. Still while `active` is false. */
export function OwnLevel({ active }: { active: boolean }) {
  const { t } = useTranslation('stage')
  const { session } = useStage()
  const value = useLevel(
    useCallback(() => session.microphoneLevel(), [session]),
    active,
  )
  return (
    <div className={styles.level}>
      <Meter label={t('bar.yourLevel')} value={value} />
    </div>
  )
}
