import { useTranslation } from 'react-i18next'
import { Button, Notice } from '../ui/index.ts'
import type { MicrophoneProblem } from './microphone-problem.ts'

export interface MicrophoneHelpProps {
  problem: MicrophoneProblem
  onRetry: () => void
  /** Anything else to press, e.g. another device. */
  more?: React.ReactNode
}

/** Says which refusal of the microphone this is and how to mend it. */
export function MicrophoneHelp({ problem, onRetry, more }: MicrophoneHelpProps) {
  const { t } = useTranslation('devices')
  return (
    <Notice
      tone="warning"
      title={t(`problem.${problem}.title`)}
      announce
      action={
        <>
          <Button size="small" onPress={onRetry}>
            {t('tryAgain')}
          </Button>
          {more}
        </>
      }
    >
      <p>{t(`problem.${problem}.help`)}</p>
      <p>{t('listeningWorks')}</p>
    </Notice>
  )
}
