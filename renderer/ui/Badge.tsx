import type { ReactNode } from 'react'
import styles from './Badge.module.css'
import { cx } from './cx.ts'

export interface BadgeProps {
  children: ReactNode
  tone?: 'neutral' | 'accent' | 'success' | 'warning' | 'danger' | 'live' | undefined
  icon?: ReactNode
  /** A dot before the words; `live` has one of itself. */
  dot?: boolean | undefined
}

/** A state in one or two words. */
export function Badge({ children, tone = 'neutral', icon, dot = tone === 'live' }: BadgeProps) {
  return (
    <span className={cx(styles.badge, styles[tone])}>
      {dot && <span className={styles.dot} aria-hidden="true" />}
      {icon}
      {children}
    </span>
  )
}
