import type { ReactElement } from 'react'
import { Tooltip as AriaTooltip, TooltipTrigger } from 'react-aria-components'
import { cx } from './cx.ts'
import styles from './Tooltip.module.css'

export interface TooltipProps {
  label: string
  /** A Button or IconButton of this library (it must take focus). */
  children: ReactElement
}

/** A hint on hover and on focus. Never the only place where something is said. */
export function Tooltip({ label, children }: TooltipProps) {
  return (
    <TooltipTrigger delay={500} closeDelay={80}>
      {children}
      <AriaTooltip className={cx(styles.tooltip)} offset={6}>
        {label}
      </AriaTooltip>
    </TooltipTrigger>
  )
}
