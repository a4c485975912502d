import { CircleDot, Square } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatLength } from '../app/format.ts'
import { Button } from '../ui/index.ts'
import styles from './stage.module.css'
import { useView } from './stage-context.ts'
import { notAgreed } from './stage-model.ts'
import { useAct } from './use-act.ts'
import { useNow } from './use-now.ts'

/** Hosts start and stop the recording, see how long it runs and who has not yet agreed. */
export function RecordingControl() {
  const { t, i18n } = useTranslation('stage')
  const { people } = useView()
  const { recording } = people
  const act = useAct()
  const [pending, setPending] = useState(false)
  const nowMs = useNow(1_000, recording !== null)
  const toggle = async () => {
    setPending(true)
    await act({ type: recording === null ? 'start-recording' : 'stop-recording' })
    setPending(false)
  }
  const names = new Intl.ListFormat(i18n.language).format(notAgreed(people).map(({ name }) => name))
  return (
    <div className={styles.recording}>
      <Button
        icon={recording === null ? <CircleDot aria-hidden="true" /> : <Square aria-hidden="true" />}
        onPress={toggle}
        pending={pending}
        pendingLabel={recording === null ? t('recording.starting') : t('recording.stopping')}
      >
        {recording === null ? t('recording.start') : t('recording.stop')}
      </Button>
      {recording !== null && (
        <p className={styles.recordingFacts}>
          <span className={styles.time}>
            {t('recording.elapsed', { time: formatLength(nowMs - recording.startedAtMs) })}
          </span>
          {names !== '' && <span>{t('recording.waitingFor', { names })}</span>}
        </p>
      )}
    </div>
  )
}
