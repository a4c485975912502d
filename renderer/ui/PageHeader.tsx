import type { ReactNode } from 'react'
import styles from './PageHeader.module.css'

/** Marks the heading that takes focus when the screen changes. */
export const PAGE_HEADING_ATTRIBUTE = 'data-page-heading'

export interface PageHeaderProps {
  title: string
  description?: ReactNode
  /** Badges beside the title. */
  badges?: ReactNode
  /** Buttons at the end. */
  actions?: ReactNode
}

/** The head of a screen: its h1, which takes focus after a change of screen, and what one does there. */
export function PageHeader({ title, description, badges, actions }: PageHeaderProps) {
  return (
    <header className={styles.header}>
      <div className={styles.words}>
        <div className={styles.row}>
          <h1 className={styles.title} tabIndex={-1} {...{ [PAGE_HEADING_ATTRIBUTE]: '' }}>
            {title}
          </h1>
          {badges !== undefined && <span className={styles.badges}>{badges}</span>}
        </div>
        {description !== undefined && <div className={styles.description}>{description}</div>}
      </div>
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </header>
  )
}
