import { ArrowDownToLine, ArrowUpFromLine, Settings2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Participant } from '../../sfu-core/contract/state.ts'
import type { MicrophoneView } from '../room-session/own-microphone.ts'
import { Button, IconButton } from '../ui/index.ts'
import { HandButton } from './HandButton.tsx'
import { MicButton } from './MicButton.tsx'
import { OwnLevel } from './OwnLevel.tsx'
import styles from './stage.module.css'
import { useStage } from './stage-context.ts'
import type { StageModel } from './stage-model.ts'
import { useAct } from './use-act.ts'
import { useCell } from './use-cell.ts'

/** What one can do oneself: microphone, hand, stage, devices. Always in reach at the foot of the screen. */
export function ControlBar({ model, onDevices }: { model: StageModel; onDevices: () => void }) {
  const { t } = useTranslation('stage')
  const { me } = model
  return (
    <section className={styles.bar} aria-label={t('bar.label')}>
      <PlaceWords model={model} />
      <div className={styles.barButtons}>
        {me?.onStage ? <MicButton me={me} /> : <HandButton me={me} />}
        {me !== null && <PlaceButton me={me} />}
        <IconButton label={t('bar.devices')} icon={<Settings2 />} variant="secondary" onPress={onDevices} />
      </div>
    </section>
  )
}

/** Off the stage; for hosts in the audience, onto it (SPEC.md R25). */
function PlaceButton({ me }: { me: Participant }) {
  const { t } = useTranslation('stage')
  const act = useAct()
  if (me.onStage) {
    return (
      <Button icon={<ArrowDownToLine aria-hidden="true" />} onPress={() => void act({ type: 'leave-stage' })}>
        {t('bar.leaveStage')}
      </Button>
    )
  }
  if (me.rank === 'member') return null
  return (
    <Button
      variant="primary"
      icon={<ArrowUpFromLine aria-hidden="true" />}
      onPress={() => void act({ type: 'bring-on-stage', participantId: me.id })}
    >
      {t('bar.goOnStage')}
    </Button>
  )
}

function PlaceWords({ model }: { model: StageModel }) {
  const { t } = useTranslation('stage')
  const microphone = useCell(useStage().session.microphone)
  const { me } = model
  if (me === null) return <p className={styles.place} />
  if (me.onStage) {
    return (
      <div className={styles.place}>
        <p>{t(stagePlace(me, microphone))}</p>
        {microphone.state === 'on' && <OwnLevel active={!me.muted} />}
      </div>
    )
  }
  const position = model.hands.findIndex(({ id }) => id === me.id) + 1
  return <p className={styles.place}>{position > 0 ? t('bar.handIsUp', { position }) : t('bar.place')}</p>
}

function stagePlace(me: Participant, microphone: MicrophoneView) {
  if (microphone.state === 'failed') return 'bar.onStageNoMic'
  // Muted or not: without a device yet, nobody hears anything.
  if (!me.muted) return microphone.state === 'on' ? 'bar.onStageOpen' : 'bar.onStageAsking'
  return me.mutedBy === 'host' ? 'bar.onStageMutedByHost' : 'bar.onStageMuted'
}
