import { WifiOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import { useConnection } from '../stores/connection.ts'
import { Button, EmptyState, ErrorState, Loading, Notice } from '../ui/index.ts'
import type { Failure } from './api-error.ts'
import type { LoadHandle } from './use-load.ts'

/** Says in the flow of a form why an action did not work. Nothing while there is no failure. */
export function FailureNotice({ failure }: { failure: Failure | null }) {
  const { t } = useTranslation('reasons')
  if (failure === null) return null
  return (
    <Notice tone="danger" title={t(`${failure.reason}.title`)} announce>
      {t(`${failure.reason}.help`)}
    </Notice>
  )
}

/** The sentence for a reason, as a heading and what to do. */
export function useReasonWords(reason: ReasonCode | 'offline'): { title: string; help: string } {
  const { t } = useTranslation('reasons')
  return { title: t(`${reason}.title`), help: t(`${reason}.help`) }
}

interface LoadedContentProps<T> {
  handle: LoadHandle<T>
  loadingLabel: string
  children: (value: T) => ReactNode
  /** In place of the usual sentence for a failure; null: the usual one. */
  onFailure?: ((failure: Failure) => ReactNode | null) | undefined
  /** What is loaded is the whole screen: what stands in its place brings the h1. */
  screen?: boolean | undefined
}

/** Shows what was loaded, or that it is loading, failed, or waits for the line. */
export function LoadedContent<T>({ handle, loadingLabel, children, onFailure, screen }: LoadedContentProps<T>) {
  const line = useConnection((state) => state.line)
  const { loaded } = handle
  switch (loaded.state) {
    case 'ready':
      return children(loaded.value)
    case 'loading':
      return line === 'offline' ? <Offline screen={screen} /> : <Loading label={loadingLabel} />
    case 'failed':
      return loaded.failure.reason === 'offline' ? (
        <Offline screen={screen} />
      ) : (
        (onFailure?.(loaded.failure) ?? <Failed failure={loaded.failure} onRetry={handle.reload} screen={screen} />)
      )
  }
}

/** In place of what cannot be loaded while the line is down. */
export function Offline({ screen }: { screen?: boolean | undefined }) {
  const { t } = useTranslation()
  return (
    <EmptyState icon={<WifiOff />} title={t('offlineTitle')} screen={screen}>
      {t('offlineHelp')}
    </EmptyState>
  )
}

interface FailedProps {
  failure: Failure
  onRetry: () => void
  screen: boolean | undefined
}

function Failed({ failure, onRetry, screen }: FailedProps) {
  const { t } = useTranslation()
  const words = useReasonWords(failure.reason)
  return (
    <ErrorState title={words.title} screen={screen} action={<Button onPress={onRetry}>{t('tryAgain')}</Button>}>
      {words.help}
    </ErrorState>
  )
}
