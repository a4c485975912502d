import { useTranslation } from 'react-i18next'
import { Button, Dialog } from '../ui/index.ts'
import { keptPlace } from './kept-place.ts'
import { useView } from './stage-context.ts'

const REST = ['behind', 'gaps', 'absent'] as const

/** What the words of the strip mean. */
export function SafeHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('strip')
  const { room } = useView()
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('help.title')}
      closeLabel={t('help.close')}
      footer={<Button onPress={onClose}>{t('help.close')}</Button>}
    >
      <p>{t('help.twice')}</p>
      <p>{t(keptPlace(room) === 'atHost' ? 'help.safeAtHost' : 'help.safe', { host: room.hostName })}</p>
      {REST.map((paragraph) => (
        <p key={paragraph}>{t(`help.${paragraph}`)}</p>
      ))}
    </Dialog>
  )
}
