import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import styles from './Notice.module.css'

export type Tone = 'info' | 'success' | 'warning' | 'danger'

export interface NoticeProps {
  tone?: Tone | undefined
  title?: string | undefined
  children?: ReactNode
  /** Buttons under the words. */
  action?: ReactNode
  /** It came up after the page did: read it aloud (`alert` for danger, else `status`). */
  announce?: boolean | undefined
}

const ICONS = { info: Info, success: CircleCheck, warning: TriangleAlert, danger: CircleAlert }

/** Something to know, in the flow of the page. */
export function Notice({ tone = 'info', title, children, action, announce = false }: NoticeProps) {
  const Icon = ICONS[tone]
  return (
    <div
      className={cx(styles.notice, styles[tone])}
      role={announce ? (tone === 'danger' ? 'alert' : 'status') : undefined}
    >
      <Icon aria-hidden="true" className={styles.icon} />
      <div className={styles.words}>
        {title !== undefined && <p className={styles.title}>{title}</p>}
        {children !== undefined && <div>{children}</div>}
        {action !== undefined && <div className={styles.action}>{action}</div>}
      </div>
    </div>
  )
}
