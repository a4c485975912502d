import { Volume2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Button, Notice } from '../ui/index.ts'
import { useStage } from './stage-context.ts'
import { useCell } from './use-cell.ts'

/** Where the browser waits for a click before it plays (autoplay policy): one click for all. */
export function ListenPrompt() {
  const { t } = useTranslation('stage')
  const browser = useStage()
  const blocked = useCell(browser.audioBlocked)
  if (!blocked) return null
  return (
    <Notice
      tone="warning"
      title={t('listen.title')}
      announce
      action={
        <Button variant="primary" icon={<Volume2 aria-hidden="true" />} onPress={() => void browser.resumeAudio()}>
          {t('listen.button')}
        </Button>
      }
    />
  )
}
