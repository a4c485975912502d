import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import styles from './Disclosure.module.css'

export interface DisclosureProps {
  label: string
  /** Beside the label while it is closed and open, e.g. what is chosen inside. */
  summary?: string | undefined
  children: ReactNode
}

/** What few people need, behind a line that opens. The browser's own element: it is found by "find in page" too. */
export function Disclosure({ label, summary, children }: DisclosureProps) {
  return (
    <details className={cx(styles.disclosure)}>
      <summary className={cx(styles.summary)}>
        <ChevronRight className={cx(styles.chevron)} aria-hidden="true" />
        <span className={cx(styles.label)}>{label}</span>
        {summary !== undefined && <span className={cx(styles.chosen)}>{summary}</span>}
      </summary>
      <div className={cx(styles.content)}>{children}</div>
    </details>
  )
}
