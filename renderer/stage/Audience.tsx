import { Hand, MailPlus, WifiOff } from 'lucide-react'
import { memo, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Participant } from '../../sfu-core/contract/state.ts'
import { Avatar, Badge, Button, TextField } from '../ui/index.ts'
import { PersonMenu } from './PersonMenu.tsx'
import styles from './stage.module.css'
import type { StageModel } from './stage-model.ts'

/** Rows shown at once: a full room has 2,000 people, of whom nobody reads more than these. */
const PAGE_SIZE = 60
/** From here on, finding somebody by name beats scrolling. */
const FIND_FROM = 20

/** Who listens. */
export function Audience({ model }: { model: StageModel }) {
  const { t, i18n } = useTranslation('stage')
  const [shown, setShown] = useState(PAGE_SIZE)
  const [wanted, setWanted] = useState('')
  const found = useMemo(() => find(model.audience, wanted), [model.audience, wanted])
  const rest = found.length - shown
  return (
    <section className={styles.panel} aria-labelledby="audience-heading">
      <h2 id="audience-heading" tabIndex={-1} className={styles.heading}>
        {t('people.audience')} <Badge>{model.audience.length.toLocaleString(i18n.language)}</Badge>
      </h2>
      {model.audience.length >= FIND_FROM && <TextField label={t('people.find')} value={wanted} onChange={setWanted} />}
      {found.length === 0 && (
        <p className={styles.soft}>{wanted === '' ? t('people.audienceEmpty') : t('people.notFound')}</p>
      )}
      <ul className={styles.list}>
        {found.slice(0, shown).map((person) => (
          <Listener key={person.id} person={person} me={model.me} />
        ))}
      </ul>
      {rest > 0 && (
        <Button variant="quiet" onPress={() => setShown(shown + PAGE_SIZE)}>
          {t('people.more', { count: Math.min(rest, PAGE_SIZE) })}
        </Button>
      )}
    </section>
  )
}

function find(people: readonly Participant[], wanted: string): readonly Participant[] {
  const text = wanted.trim().toLocaleLowerCase()
  return text === '' ? people : people.filter(({ name }) => name.toLocaleLowerCase().includes(text))
}

const Listener = memo(function Listener({ person, me }: { person: Participant; me: Participant | null }) {
  const { t } = useTranslation('stage')
  return (
    <li className={styles.listener}>
      <Avatar name={person.name} size="small" faded={!person.connected} />
      <span className={styles.name}>{person.name}</span>
      <span className={styles.badges}>
        {person.rank !== 'member' && <Badge tone="accent">{t(`people.${person.rank}`)}</Badge>}
        {person.id === me?.id && <Badge>{t('people.you')}</Badge>}
        {person.handRaisedAtMs !== null && <Hand role="img" aria-label={t('people.handUp')} />}
        {person.invitedToStage && <MailPlus role="img" aria-label={t('people.invited')} />}
        {!person.connected && <WifiOff role="img" aria-label={t('people.reconnecting')} />}
      </span>
      <PersonMenu person={person} me={me} />
    </li>
  )
})
