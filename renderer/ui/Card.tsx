import type { ReactNode } from 'react'
import styles from './Card.module.css'
import { cx } from './cx.ts'

export interface CardProps {
  children: ReactNode
  as?: 'div' | 'section' | 'article' | 'li' | undefined
  /** Id of the heading that names a section. */
  labelledBy?: string | undefined
  /** `none` where the content brings its own edges. */
  padding?: 'none' | 'medium' | 'large' | undefined
}

/** A sheet on the ground, holding one thing. */
export function Card({ children, as: Element = 'div', labelledBy, padding = 'medium' }: CardProps) {
  return (
    <Element className={cx(styles.card, styles[padding])} aria-labelledby={labelledBy}>
      {children}
    </Element>
  )
}
