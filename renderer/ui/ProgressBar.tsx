import type { CSSProperties } from 'react'
import { ProgressBar as AriaProgressBar } from 'react-aria-components'
import { cx } from './cx.ts'
import styles from './ProgressBar.module.css'

export interface ProgressBarProps {
  /** What goes on, for the ear. */
  label: string
  /** 0 to 1; null: it has begun, nobody knows how far it is. */
  value: number | null
  /** How far it is in words, e.g. "Mixing, 40 %". */
  valueText: string
}

/** How far work under way has come. Its words stand beside it. */
export function ProgressBar({ label, value, valueText }: ProgressBarProps) {
  const bounded = Math.min(1, Math.max(0, value ?? 0))
  return (
    <AriaProgressBar
      className={cx(styles.bar)}
      aria-label={label}
      isIndeterminate={value === null}
      minValue={0}
      maxValue={1}
      value={bounded}
      valueLabel={valueText}
    >
      <span
        className={cx(styles.fill, value === null && styles.unknown)}
        style={{ '--done': bounded } as CSSProperties}
      />
    </AriaProgressBar>
  )
}
