import { useTranslation } from 'react-i18next'
import type { Joining } from '../room-session/session-state.ts'
import { Button, Loading, PageHeader } from '../ui/index.ts'
import styles from './stage.module.css'
import { useView } from './stage-context.ts'

/** While the way in is being tried. */
export function JoiningScreen({ state, onCancel }: { state: Joining; onCancel: () => void }) {
  const { t } = useTranslation('stage')
  const reasons = useTranslation('reasons')
  const { room } = useView()
  const step = state.step.step === 'connecting' ? t('joining.connecting') : t('joining.asking')
  const words =
    state.lastFailure === null ? step : t('joining.again', { reason: reasons.t(`${state.lastFailure}.title`) })
  return (
    <div className={styles.joining}>
      <PageHeader title={room.title} description={t('joining.title')} />
      <Loading label={words} />
      <Button onPress={onCancel}>{t('joining.cancel')}</Button>
    </div>
  )
}
