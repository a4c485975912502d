import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Participant } from '../../sfu-core/contract/state.ts'
import { QuestionDialog } from './QuestionDialog.tsx'
import { RecordedFacts } from './RecordedFacts.tsx'
import { useView } from './stage-context.ts'
import { openQuestion } from './stage-model.ts'
import { useAct } from './use-act.ts'

/** Asks what must be asked: an invitation to the stage, a recording that starts while one is on it. */
export function ConsentDialogs({ me }: { me: Participant | null }) {
  const { state, people } = useView()
  const question = openQuestion(people, me)
  // While the connection is lost no answer would arrive; the question comes back with it.
  if (question === null || state.phase !== 'connected') return null
  return question.ask === 'invitation' ? (
    <Invitation recorded={question.recorded} />
  ) : (
    <RecordingStarted key={question.takeId} />
  )
}

function Invitation({ recorded }: { recorded: boolean }) {
  const { t } = useTranslation('stage')
  const act = useAct()
  return (
    <QuestionDialog
      open
      escapeSaysNo={false}
      title={t('consent.invitedTitle')}
      yesLabel={recorded ? t('consent.acceptRecorded') : t('consent.accept')}
      noLabel={t('consent.decline')}
      onYes={() => void act({ type: 'accept-stage', recordingConsent: recorded })}
      onNo={() => void act({ type: 'decline-stage' })}
    >
      <p>{t('consent.invitedText')}</p>
      {recorded && (
        <>
          <p>{t('consent.invitedRecorded')}</p>
          <RecordedFacts />
        </>
      )}
    </QuestionDialog>
  )
}

/** Asked once for each recording: a host who says no stays on stage, unrecorded (SPEC.md R65). */
function RecordingStarted() {
  const { t } = useTranslation('stage')
  const act = useAct()
  const [answered, setAnswered] = useState(false)
  const answer = async (agree: boolean) => {
    setAnswered(true)
    setAnswered(await act({ type: 'answer-recording', agree }))
  }
  return (
    <QuestionDialog
      open={!answered}
      escapeSaysNo={false}
      title={t('consent.startedTitle')}
      yesLabel={t('consent.agree')}
      noLabel={t('consent.toAudience')}
      onYes={() => void answer(true)}
      onNo={() => void answer(false)}
    >
      <p>{t('consent.startedText')}</p>
      <RecordedFacts />
    </QuestionDialog>
  )
}
