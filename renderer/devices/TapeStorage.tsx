import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { desktopBridge } from '../app/desktop.ts'
import { localeOf } from '../app/format.ts'
import { formatBytes } from '../studio/exports/job-facts.ts'
import { Button, Notice } from '../ui/index.ts'
import styles from './DeviceSettings.module.css'
import { hoursOfRoom, type StorageFacts, storageFacts } from './storage-facts.ts'

/** Where the own recording waits until it is sent: whether it is safe there, and how much room there is. */
export function TapeStorage({ channelCount }: { channelCount: number }) {
  const { t } = useTranslation('devices')
  const [facts, setFacts] = useState<StorageFacts | null>(null)
  const [refused, setRefused] = useState(false)
  useEffect(() => {
    void storageFacts(navigator.storage).then(setFacts)
  }, [])
  const ask = async () => {
    const granted = await navigator.storage.persist().catch(() => false)
    setRefused(!granted)
    setFacts(await storageFacts(navigator.storage))
  }
  if (facts === null) return null
  // The app has a folder of its own, which nothing clears.
  const inApp = desktopBridge() !== null
  if (!inApp && !facts.isDurable) return <Notice tone="warning">{t('tape.storage.none')}</Notice>
  return (
    <div className={styles.storage} role="status">
      <p className={styles.hint}>
        {inApp ? t('tape.storage.app') : t(facts.persisted === true ? 'tape.storage.kept' : 'tape.storage.mayGo')}{' '}
        <Room facts={facts} channelCount={channelCount} />
      </p>
      {!inApp && facts.persisted === false && !refused && (
        <Button size="small" onPress={() => void ask()}>
          {t('tape.storage.ask')}
        </Button>
      )}
      {refused && <p className={styles.hint}>{t('tape.storage.refused')}</p>}
    </div>
  )
}

function Room({ facts: { freeBytes }, channelCount }: { facts: StorageFacts; channelCount: number }) {
  const { t, i18n } = useTranslation('devices')
  if (freeBytes === null) return null
  const size = formatBytes(freeBytes, localeOf(i18n.language, navigator.languages))
  const hours = hoursOfRoom(freeBytes, channelCount)
  return hours === 0 ? t('tape.storage.little', { size }) : t('tape.storage.room', { size, count: hours })
}
