import { useTranslation } from 'react-i18next'
import type { Participant } from '../../sfu-core/contract/state.ts'
import { useLasting } from '../app/use-lasting.ts'
import type { Reconnecting } from '../room-session/session-state.ts'
import { Notice } from '../ui/index.ts'
import { useView } from './stage-context.ts'

/** A drop shorter than this is not worth a banner. */
const SHOW_AFTER_MS = 600

/** Says that the connection is lost, what that means, and that seat and microphone are kept. */
export function ConnectionBanner({ me }: { me: Participant | null }) {
  const { state } = useView()
  const lost = state.phase === 'reconnecting'
  const shown = useLasting(lost, SHOW_AFTER_MS)
  if (!lost || !shown) return null
  return <Banner state={state} me={me} />
}

function Banner({ state, me }: { state: Reconnecting; me: Participant | null }) {
  const { t } = useTranslation('stage')
  const reasons = useTranslation('reasons')
  return (
    <Notice tone="warning" title={t('connection.lostTitle')}>
      <p>
        {t(`connection.${state.cause}`)} {t('connection.seat')}{' '}
        {me?.onStage && (me.muted ? t('connection.micMuted') : t('connection.micOpen'))}
      </p>
      {state.lastFailure !== null && (
        <p>{t('connection.lastReason', { reason: reasons.t(`${state.lastFailure}.title`) })}</p>
      )}
    </Notice>
  )
}
