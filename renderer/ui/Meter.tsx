import type { CSSProperties } from 'react'
import { Meter as AriaMeter } from 'react-aria-components'
import { cx } from './cx.ts'
import styles from './Meter.module.css'

export interface MeterProps {
  /** What is measured, for the ear. */
  label: string
  /** 0 to 1. */
  value: number
  /** The value in words, e.g. "quiet"; without it a percentage is read. */
  valueText?: string | undefined
  /** `level` goes from green to wood to red near the top; `plain` stays green. */
  tone?: 'level' | 'plain' | undefined
}

/** A bar that follows a value many times a second without moving anything else on the page. */
export function Meter({ label, value, valueText, tone = 'level' }: MeterProps) {
  const bounded = Math.min(1, Math.max(0, value))
  return (
    <AriaMeter
      className={cx(styles.meter, styles[tone])}
      aria-label={label}
      minValue={0}
      maxValue={1}
      value={bounded}
      {...(valueText !== undefined && { valueLabel: valueText })}
    >
      <div className={styles.cover} style={{ '--uncovered': bounded } as CSSProperties} />
    </AriaMeter>
  )
}
