import { DoorOpen } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import { Button, EmptyState, PageHeader } from '../ui/index.ts'
import { useView } from './stage-context.ts'

/** Where asking again can have another answer. */
const WORTH_ANOTHER_TRY: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'replaced',
  'room-full',
  'room-not-live',
  'offer-malformed',
  'message-too-large',
])

export interface LeftScreenProps {
  reason: ReasonCode
  onAgain: () => void
  onBack: () => void
}

/** Why one is not in the room any more, and what to do next. Who left by themselves goes straight on. */
export function LeftScreen({ reason, onAgain, onBack }: LeftScreenProps) {
  const { t } = useTranslation('stage')
  const { room } = useView()
  const words = useWords(reason, room.mine)
  const byThemselves = reason === 'left'
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the room was left
  useEffect(() => {
    if (byThemselves) onBack()
  }, [byThemselves])
  if (byThemselves) return null
  return (
    <>
      <PageHeader title={room.title} />
      <div role="alert">
        <EmptyState
          icon={<DoorOpen />}
          title={words.title}
          action={
            <>
              {WORTH_ANOTHER_TRY.has(reason) && (
                <Button variant="primary" onPress={onAgain}>
                  {t('left.again')}
                </Button>
              )}
              <Button onPress={onBack}>{t('left.back')}</Button>
            </>
          }
        >
          {words.help}
        </EmptyState>
      </div>
    </>
  )
}

function useWords(reason: ReasonCode, host: boolean): { title: string; help: string } {
  const { t } = useTranslation('stage')
  const reasons = useTranslation('reasons')
  if (reason === 'replaced') return { title: t('left.replacedTitle'), help: t('left.replacedHelp') }
  if (reason === 'room-ended')
    return { title: t('left.endedTitle'), help: host ? t('left.endedHostHelp') : t('left.endedHelp') }
  return { title: reasons.t(`${reason}.title`), help: reasons.t(`${reason}.help`) }
}
