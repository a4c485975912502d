import { useTranslation } from 'react-i18next'
import { MicrophoneHelp } from '../devices/MicrophoneHelp.tsx'
import { Button, Notice } from '../ui/index.ts'
import { useStage } from './stage-context.ts'
import { useCell } from './use-cell.ts'

/** On stage without a microphone, or with another one than chosen: says so and how to mend it. */
export function MicrophoneTrouble({ onDevices }: { onDevices: () => void }) {
  const { t } = useTranslation('stage')
  const { session } = useStage()
  const microphone = useCell(session.microphone)
  const devices = (
    <Button size="small" variant="quiet" onPress={onDevices}>
      {t('bar.devices')}
    </Button>
  )
  if (microphone.state === 'failed') {
    return <MicrophoneHelp problem={microphone.problem} onRetry={() => session.retryMicrophone()} more={devices} />
  }
  if (microphone.state !== 'on' || !microphone.fellBack) return null
  return (
    <Notice tone="warning" announce action={devices}>
      {t('bar.fellBack', { label: microphone.label })}
    </Notice>
  )
}
