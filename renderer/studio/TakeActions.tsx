import { FolderOpen, Package } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { desktopBridge } from '../app/desktop.ts'
import { useAction } from '../app/use-action.ts'
import { Button, DownloadButton, Notice } from '../ui/index.ts'
import styles from './studio.module.css'
import { type MyTake, stateOf } from './take-facts.ts'
import { useTakeFiles } from './take-files.ts'

/** What can be done with the take as a whole. */
export function TakeActions({ take }: { take: MyTake }) {
  const bridge = desktopBridge()
  const ready = stateOf(take) === 'ready'
  return (
    <div className={styles.actions}>
      <div className={styles.buttons}>
        {ready && <DownloadAll take={take} />}
        {bridge !== null && <OpenFolder takeId={take.takeId} />}
      </div>
      {ready && <AlignmentHint />}
    </div>
  )
}

function AlignmentHint() {
  const { t } = useTranslation('studio')
  return <p className={styles.soft}>{t('take.aligned')}</p>
}

function DownloadAll({ take }: { take: MyTake }) {
  const { t } = useTranslation('studio')
  const { loaded } = useTakeFiles(take.takeId)
  if (loaded.state !== 'ready') return null
  return (
    <DownloadButton href={loaded.value.archive} icon={<Package aria-hidden="true" />}>
      {t('take.downloadAll')}
    </DownloadButton>
  )
}

function OpenFolder({ takeId }: { takeId: string }) {
  const { t } = useTranslation('studio')
  const [missing, setMissing] = useState(false)
  const open = useAction(async () => {
    const opened = await desktopBridge()?.openTakeFolder(takeId)
    setMissing(opened !== true)
  })
  return (
    <>
      <Button icon={<FolderOpen aria-hidden="true" />} onPress={open.run} pending={open.pending}>
        {t('take.openFolder')}
      </Button>
      {missing && <Notice announce>{t('take.folderNotHere')}</Notice>}
    </>
  )
}
