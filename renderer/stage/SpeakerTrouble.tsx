import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useDevices } from '../devices/devices-store.ts'
import { speakerPresence } from '../devices/speaker-presence.ts'
import { Button, Notice } from '../ui/index.ts'

/** Sound comes from elsewhere than chosen, because the chosen speaker is unplugged: says so. */
export function SpeakerTrouble({ onDevices }: { onDevices: () => void }): ReactNode {
  const { t } = useTranslation('stage')
  const gone = useDevices((devices) => devices.speakersSelectable && speakerPresence(devices) === 'gone')
  if (!gone) return null
  return (
    <Notice
      tone="warning"
      announce
      action={
        <Button size="small" variant="quiet" onPress={onDevices}>
          {t('bar.devices')}
        </Button>
      }
    >
      {t('bar.speakerGone')}
    </Notice>
  )
}
