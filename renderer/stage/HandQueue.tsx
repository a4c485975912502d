import { Hand } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Participant } from '../../sfu-core/contract/state.ts'
import { formatLength } from '../app/format.ts'
import { Avatar, Badge, Button } from '../ui/index.ts'
import styles from './stage.module.css'
import { useAct } from './use-act.ts'
import { useNow } from './use-now.ts'
import { useRowFocus } from './use-row-focus.ts'

/** Raised hands, the longest waiting first, for those who may answer them. */
export function HandQueue({ hands }: { hands: readonly Participant[] }) {
  const { t } = useTranslation('stage')
  const nowMs = useNow(1_000, hands.length > 0)
  const focus = useRowFocus(useMemo(() => hands.map(({ id }) => id), [hands]))
  return (
    <section className={styles.panel} aria-labelledby="hands-heading" {...focus}>
      <h2 id="hands-heading" tabIndex={-1} className={styles.heading}>
        <Hand aria-hidden="true" /> {t('hands.title')}
        {hands.length > 0 && <Badge tone="accent">{hands.length}</Badge>}
      </h2>
      {hands.length === 0 ? (
        <p className={styles.soft}>{t('hands.empty')}</p>
      ) : (
        <ol className={styles.list}>
          {hands.map((person) => (
            <RaisedHand key={person.id} person={person} nowMs={nowMs} />
          ))}
        </ol>
      )}
    </section>
  )
}

function RaisedHand({ person, nowMs }: { person: Participant; nowMs: number }) {
  const { t } = useTranslation('stage')
  const act = useAct()
  const participantId = person.id
  const waited = formatLength(nowMs - (person.handRaisedAtMs ?? nowMs))
  return (
    <li className={styles.hand} data-row={person.id}>
      <Avatar name={person.name} size="small" />
      <span className={styles.handWords}>
        <span className={styles.name}>{person.name}</span>
        <span className={styles.soft}>{t('hands.waiting', { time: waited })}</span>
      </span>
      <span className={styles.handActions}>
        <Button
          size="small"
          variant="primary"
          ariaLabel={t('hands.bringOne', { name: person.name })}
          onPress={() => void act({ type: 'bring-on-stage', participantId })}
        >
          {t('hands.bring')}
        </Button>
        <Button
          size="small"
          variant="quiet"
          ariaLabel={t('hands.dismissOne', { name: person.name })}
          onPress={() => void act({ type: 'dismiss-hand', participantId })}
        >
          {t('hands.dismiss')}
        </Button>
      </span>
    </li>
  )
}
