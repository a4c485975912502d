import { Hand } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Participant } from '../../sfu-core/contract/state.ts'
import { Button } from '../ui/index.ts'
import { QuestionDialog } from './QuestionDialog.tsx'
import { RecordedFacts } from './RecordedFacts.tsx'
import { useView } from './stage-context.ts'
import { useAct } from './use-act.ts'

/** Asks to speak. In a recorded room consent comes first, so that the host's yes puts one on stage at once. */
export function HandButton({ me }: { me: Participant | null }) {
  const { t } = useTranslation('stage')
  const { people } = useView()
  const act = useAct()
  const [asking, setAsking] = useState(false)
  if (me === null || me.rank !== 'member') return null
  const raised = me.handRaisedAtMs !== null
  const press = () => {
    if (raised) void act({ type: 'lower-hand' })
    else if (people.recording !== null && !me.recordingConsent) setAsking(true)
    else void act({ type: 'raise-hand', recordingConsent: people.recording !== null })
  }
  const agree = () => {
    setAsking(false)
    void act({ type: 'raise-hand', recordingConsent: true })
  }
  return (
    <>
      <Button variant={raised ? 'secondary' : 'primary'} icon={<Hand aria-hidden="true" />} onPress={press}>
        {raised ? t('bar.lowerHand') : t('bar.raiseHand')}
      </Button>
      <QuestionDialog
        open={asking}
        title={t('consent.handTitle')}
        yesLabel={t('consent.handAgree')}
        noLabel={t('consent.handDecline')}
        onYes={agree}
        onNo={() => setAsking(false)}
      >
        <p>{t('consent.handText')}</p>
        <RecordedFacts />
      </QuestionDialog>
    </>
  )
}
