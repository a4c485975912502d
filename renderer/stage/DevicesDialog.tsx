import { useTranslation } from 'react-i18next'
import { LazyDeviceSettings } from '../devices/LazyDeviceSettings.tsx'
import { Dialog } from '../ui/index.ts'

/** Microphone and speaker, without leaving the room. */
export function DevicesDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('stage')
  return (
    <Dialog open={open} onClose={onClose} title={t('devicesTitle')} closeLabel={t('close')}>
      <LazyDeviceSettings />
    </Dialog>
  )
}
