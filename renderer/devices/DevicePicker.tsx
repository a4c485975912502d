import { useTranslation } from 'react-i18next'
import { Select } from '../ui/forms.ts'
import type { AudioDevice } from './devices-store.ts'

/** The picker's key for "whatever the system uses"; no device has it as its id. */
const SYSTEM = 'system-default'

export interface DevicePickerProps {
  /** Read aloud; the heading above says it to the eye. */
  label: string
  /** A name for the n-th device while the browser hides names. */
  unnamed: (position: number) => string
  devices: readonly AudioDevice[]
  chosenId: string | null
  onChoose: (id: string | null) => void
  description?: string | undefined
}

/** One device of a list, or the system's default. */
export function DevicePicker({ devices, chosenId, onChoose, ...props }: DevicePickerProps) {
  const { t } = useTranslation('devices')
  const gone = chosenId !== null && devices.every((device) => device.id !== chosenId)
  const options = [
    { value: SYSTEM, label: t('systemDefault') },
    ...devices.map((device, index) => ({ value: device.id, label: device.label || props.unnamed(index + 1) })),
    ...(gone ? [{ value: chosenId, label: t('unplugged') }] : []),
  ]
  return (
    <Select
      label={props.label}
      hideLabel
      value={chosenId ?? SYSTEM}
      options={options}
      onChange={(value) => onChoose(value === SYSTEM ? null : value)}
      description={props.description}
    />
  )
}
