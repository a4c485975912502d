import { useTranslation } from 'react-i18next'
import { serverConnection } from '../app/server-connection.ts'
import { keptPlace } from './kept-place.ts'
import styles from './stage.module.css'
import { useView } from './stage-context.ts'

/** What being recorded in this room means: by what, where it goes, and who gets it. Said in each question for consent. */
export function RecordedFacts() {
  const { t } = useTranslation('stage')
  const { room } = useView()
  const host = room.hostName
  const { host: server } = new URL(serverConnection().serverUrl)
  return (
    <ul className={styles.recordedFacts}>
      <li>{t('consent.facts.own')}</li>
      <li>{t('consent.facts.room')}</li>
      <li>{t(`consent.facts.${keptPlace(room)}`, { host, server })}</li>
      <li>{t('consent.facts.who', { host })}</li>
    </ul>
  )
}
