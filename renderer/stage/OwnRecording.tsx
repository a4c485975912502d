import '../unsent/words.ts'
import { useTranslation } from 'react-i18next'
import { formatLength } from '../app/format.ts'
import { useLasting } from '../app/use-lasting.ts'
import type { TapeTrouble } from '../tape/worker/tape-status.ts'
import { Notice } from '../ui/index.ts'
import { waitingFor } from '../unsent/unsent-model.ts'
import { type OwnTape, ownTapeOf } from './own-tape.ts'
import { useStage, useView } from './stage-context.ts'
import { stageModel } from './stage-model.ts'
import styles from './strip.module.css'
import { useCell } from './use-cell.ts'

/** A capture that has not begun by then does not begin. */
const START_MS = 10_000

/** What this computer records of oneself, and what keeps it from being safe. */
export function OwnRecording() {
  const { t } = useTranslation('strip')
  const { people, selfId } = useView()
  const { session } = useStage()
  const view = useCell(session.tape)
  const microphone = useCell(session.microphone)
  const { me } = stageModel(people, selfId)
  const wanted = people.recording !== null && me?.onStage === true && me.recordingConsent
  const own = view.state === 'on' ? ownTapeOf(view.tapes) : null
  const failing = useLasting(wanted && own === null && microphone.state === 'on', START_MS)
  if (!wanted) return null
  if (own !== null) return <Running own={own} />
  if (microphone.state === 'failed') return <p className={styles.soft}>{t('own.noMicrophone')}</p>
  if (!failing) return <p className={styles.soft}>{t('own.starting')}</p>
  return (
    <Notice tone="warning" announce>
      {t('own.failing')}
    </Notice>
  )
}

function Running({ own }: { own: OwnTape }) {
  const { t } = useTranslation('strip')
  const { capturedMs, storedMs, sentMs, troubles } = own
  return (
    <>
      <p className={styles.own}>
        {t('own.facts', {
          captured: formatLength(capturedMs),
          stored: formatLength(storedMs),
          sent: formatLength(sentMs),
        })}
      </p>
      {troubles.map((trouble) => (
        <Trouble key={trouble.kind} trouble={trouble} />
      ))}
    </>
  )
}

/** What is wrong, and what to do. */
function Trouble({ trouble }: { trouble: TapeTrouble }) {
  const { t } = useTranslation('unsent')
  const reasons = useTranslation('reasons')
  const reason = 'reason' in trouble ? reasons.t(`${trouble.reason}.title`) : ''
  const key =
    trouble.kind === 'waiting'
      ? (`trouble.waiting.${waitingFor(trouble.reason)}` as const)
      : (`trouble.${trouble.kind}` as const)
  return (
    <Notice tone="warning" title={t(`${key}.title`, { reason })} announce>
      {t(`${key}.help`)}
    </Notice>
  )
}
