import { Armchair, MicOff, WifiOff } from 'lucide-react'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Participant } from '../../sfu-core/contract/state.ts'
import { Avatar, Badge, EmptyState, VisuallyHidden } from '../ui/index.ts'
import { PersonMenu } from './PersonMenu.tsx'
import styles from './stage.module.css'
import { useSpeaking, useView } from './stage-context.ts'
import type { StageModel } from './stage-model.ts'

/** Who is on stage. */
export function Speakers({ model }: { model: StageModel }) {
  const { t } = useTranslation('stage')
  const { people } = useView()
  return (
    <section className={styles.stage} aria-labelledby="stage-heading">
      <h2 id="stage-heading" tabIndex={-1} className={styles.heading}>
        {t('people.stage')}
      </h2>
      {model.speakers.length === 0 ? (
        <EmptyState title={t('people.stageEmpty')} icon={<Armchair />}>
          {t('people.stageEmptyHelp')}
        </EmptyState>
      ) : (
        <ul className={styles.grid}>
          {model.speakers.map((person) => (
            <Speaker key={person.id} person={person} me={model.me} recorded={people.recording !== null} />
          ))}
        </ul>
      )}
    </section>
  )
}

interface SpeakerProps {
  person: Participant
  me: Participant | null
  recorded: boolean
}

const Speaker = memo(function Speaker({ person, me, recorded }: SpeakerProps) {
  const { t } = useTranslation('stage')
  const heard = useSpeaking(person.number)
  const speaking = heard && person.connected && !person.muted
  return (
    <li className={styles.speaker} data-speaking={speaking} data-muted={person.muted} data-connected={person.connected}>
      <div className={styles.speakerMenu}>
        <PersonMenu person={person} me={me} />
      </div>
      <Avatar name={person.name} size="large" speaking={speaking} faded={!person.connected} />
      <span className={styles.name}>{person.name}</span>
      <span className={styles.badges}>
        {person.rank !== 'member' && <Badge tone="accent">{t(`people.${person.rank}`)}</Badge>}
        {person.id === me?.id && <Badge>{t('people.you')}</Badge>}
        {person.guest && <Badge>{t('people.guest')}</Badge>}
      </span>
      <SpeakerState person={person} speaking={speaking} />
      {recorded && !person.recordingConsent && <span className={styles.soft}>{t('people.notAgreed')}</span>}
    </li>
  )
})

function SpeakerState({ person, speaking }: { person: Participant; speaking: boolean }) {
  const { t } = useTranslation('stage')
  if (!person.connected) {
    return (
      <span className={styles.state}>
        <WifiOff aria-hidden="true" />
        {t('people.reconnecting')}
      </span>
    )
  }
  if (person.muted) {
    return (
      <span className={styles.state}>
        <MicOff aria-hidden="true" />
        {person.mutedBy === 'host' ? t('people.mutedByHost') : t('people.muted')}
      </span>
    )
  }
  return <VisuallyHidden>{speaking ? t('people.speaking') : ''}</VisuallyHidden>
}
