import { useTranslation } from 'react-i18next'
import type { ConsentEntry } from '../../../server/contract/views.ts'
import { formatLength } from '../../app/format.ts'
import { Avatar, Badge, Card } from '../../ui/index.ts'
import studio from '../studio.module.css'
import styles from './report.module.css'

/** The consent ledger: who agreed to be recorded, and when. */
export function ConsentList({ consents }: { consents: readonly ConsentEntry[] }) {
  const { t } = useTranslation('studio')
  return (
    <section className={studio.section} aria-labelledby="consents">
      <div>
        <h2 id="consents" className={studio.sectionTitle}>
          {t('consent.title')}
        </h2>
        <p className={studio.soft}>{t('consent.help')}</p>
      </div>
      <Card padding="none">
        {consents.length === 0 ? (
          <p className={styles.nobody}>{t('consent.none')}</p>
        ) : (
          <ul className={studio.list}>
            {consents.map((entry) => (
              <li key={`${entry.participantId} ${entry.takeMs} ${entry.answer}`} className={styles.consent}>
                <Avatar name={entry.name} size="small" />
                <span className={studio.rowTitle}>{entry.name}</span>
                {entry.guest && <Badge>{t('consent.guest')}</Badge>}
                <span className={styles.answer}>
                  <Answer entry={entry} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Card>
    </section>
  )
}

/** The take begins with those who had agreed before. */
const FROM_START_MS = 500

function Answer({ entry: { answer, takeMs } }: { entry: ConsentEntry }) {
  const { t } = useTranslation('studio')
  if (answer === 'agreed' && takeMs < FROM_START_MS) return t('consent.agreedFromStart')
  return t(answer === 'agreed' ? 'consent.agreed' : 'consent.declined', { time: formatLength(takeMs) })
}
