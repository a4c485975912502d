import { Mic, MicOff } from 'lucide-react'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { Participant } from '../../sfu-core/contract/state.ts'
import { Button, Tooltip } from '../ui/index.ts'
import styles from './stage.module.css'
import { useStage, useView } from './stage-context.ts'
import { useAttempt } from './use-act.ts'
import { useCell } from './use-cell.ts'
import { useMicKeys } from './use-mic-keys.ts'

/** Mutes and unmutes, by press, by M, and by holding the space bar. */
export function MicButton({ me }: { me: Participant }) {
  const { t } = useTranslation('stage')
  const { session } = useStage()
  const { state } = useView()
  const attempt = useAttempt()
  const microphone = useCell(session.microphone)
  const ready = microphone.state === 'on'
  // Opening needs the node's yes; closing never waits for anything, and shows at once (session.view).
  const usable = ready && (!me.muted || state.phase === 'connected')

  const setMuted = useCallback((muted: boolean) => void attempt(() => session.setMuted(muted)), [attempt, session])
  useMicKeys({ muted: me.muted, enabled: usable, setMuted })

  const action = me.muted ? t('bar.unmute') : t('bar.mute')
  const missing = microphone.state === 'failed'
  const words = missing ? t('bar.micOff') : action
  return (
    <Tooltip label={t('bar.muteKey')}>
      <Button
        variant={missing ? 'secondary' : me.muted ? 'danger' : 'primary'}
        icon={me.muted || missing ? <MicOff aria-hidden="true" /> : <Mic aria-hidden="true" />}
        disabled={!usable}
        pending={microphone.state === 'asking'}
        pendingLabel={t('bar.micAsking')}
        ariaLabel={words}
        onPress={() => setMuted(!me.muted)}
      >
        {words}
        <span className={styles.key} data-key="M" />
      </Button>
    </Tooltip>
  )
}
