import { Component, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, ErrorState } from '../ui/index.ts'
import styles from './app.module.css'

interface Props {
  children: ReactNode
  /** Another value tries again, e.g. the path of the screen. */
  resetKey: string
}

interface State {
  error: Error | null
  resetKey: string
}

/** Catches what a screen throws; the rest of the page lives. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, resetKey: this.props.resetKey }

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetKey === state.resetKey ? null : { error: null, resetKey: props.resetKey }
  }

  override render(): ReactNode {
    return this.state.error === null ? this.props.children : <Crashed error={this.state.error} />
  }
}

function Crashed({ error }: { error: Error }) {
  const { t } = useTranslation()
  return (
    <ErrorState
      title={t('crash.title')}
      screen
      action={
        <Button variant="primary" onPress={() => window.location.reload()}>
          {t('crash.reload')}
        </Button>
      }
    >
      <p>{t('crash.help')}</p>
      <details className={styles.details}>
        <summary>{t('crash.details')}</summary>
        <code>{error.message}</code>
      </details>
    </ErrorState>
  )
}
