import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { PAGE_HEADING_ATTRIBUTE } from './PageHeader.tsx'
import styles from './PageState.module.css'
import { Spinner } from './Spinner.tsx'

interface PageStateProps {
  title: string
  /** It is the whole screen: the title is its h1, which takes focus after a change of screen. */
  screen?: boolean | undefined
}

export interface EmptyStateProps extends PageStateProps {
  /** Why it is empty and what to do. */
  children?: ReactNode
  icon?: ReactNode
  action?: ReactNode
}

/** Nothing here yet. */
export function EmptyState({ title, screen, children, icon, action }: EmptyStateProps) {
  return (
    <div className={styles.state}>
      {icon !== undefined && (
        <span className={styles.icon} aria-hidden="true">
          {icon}
        </span>
      )}
      <Title title={title} screen={screen} />
      {children !== undefined && <div className={styles.words}>{children}</div>}
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  )
}

export interface ErrorStateProps extends PageStateProps {
  /** What went wrong and how to mend it. */
  children?: ReactNode
  action?: ReactNode
}

/** What was asked for could not be shown. */
export function ErrorState({ title, screen, children, action }: ErrorStateProps) {
  return (
    <div className={styles.state} role="alert">
      <span className={styles.errorIcon} aria-hidden="true">
        <CircleAlert />
      </span>
      <Title title={title} screen={screen} />
      {children !== undefined && <div className={styles.words}>{children}</div>}
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  )
}

function Title({ title, screen = false }: PageStateProps) {
  if (!screen) return <p className={styles.title}>{title}</p>
  return (
    <h1 className={styles.title} tabIndex={-1} {...{ [PAGE_HEADING_ATTRIBUTE]: '' }}>
      {title}
    </h1>
  )
}

/** Work under way, in words. */
export function Loading({ label }: { label: string }) {
  return (
    <div className={styles.loading} role="status">
      <Spinner />
      <span>{label}</span>
    </div>
  )
}
