import { useTranslation } from 'react-i18next'
import { AUDIENCE_PACKET_MS, type AudiencePacketMs } from '../../sfu-core/contract/media.ts'
import { RadioGroup } from '../ui/forms.ts'

interface SoundForListenersProps {
  value: AudiencePacketMs
  onChange: (value: AudiencePacketMs) => void
}

/** How soon the audience hears, against how many can hear over the same line. */
export function SoundForListeners({ value, onChange }: SoundForListenersProps) {
  const { t } = useTranslation('rooms')
  return (
    <RadioGroup
      label={t('sound.label')}
      description={t('sound.help')}
      value={String(value)}
      onChange={(chosen) => onChange(AUDIENCE_PACKET_MS.find((packetMs) => String(packetMs) === chosen) ?? value)}
      options={AUDIENCE_PACKET_MS.map((packetMs) => ({
        value: String(packetMs),
        label: t(`sound.ms${packetMs}.name`),
        description: t(`sound.ms${packetMs}.help`),
      }))}
    />
  )
}
