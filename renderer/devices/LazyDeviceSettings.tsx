import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading } from '../ui/index.ts'

const DeviceSettings = lazy(async () => ({ default: (await import('./DeviceSettings.tsx')).DeviceSettings }))

/** DeviceSettings for dialogs: loaded when one is opened. */
export function LazyDeviceSettings() {
  const { t } = useTranslation('app')
  return (
    <Suspense fallback={<Loading label={t('loading')} />}>
      <DeviceSettings />
    </Suspense>
  )
}
