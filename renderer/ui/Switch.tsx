import { useId } from 'react'
import { Switch as AriaSwitch } from 'react-aria-components'
import { cx } from './cx.ts'
import field from './field.module.css'
import styles from './Switch.module.css'

export interface SwitchProps {
  label: string
  on: boolean
  onChange: (on: boolean) => void
  description?: string | undefined
  disabled?: boolean | undefined
  /** Where the visible words do not say enough, e.g. "Leave out of every mix: Hana". Begin it with the visible words. */
  ariaLabel?: string | undefined
}

/** Something that is on or off, and takes effect at once. */
export function Switch({ label, on, onChange, description, disabled, ariaLabel }: SwitchProps) {
  const descriptionId = useId()
  return (
    <AriaSwitch
      className={cx(styles.switch)}
      isSelected={on}
      onChange={onChange}
      isDisabled={disabled ?? false}
      aria-label={ariaLabel ?? label}
      {...(description !== undefined && { 'aria-describedby': descriptionId })}
    >
      <span className={styles.track} aria-hidden="true">
        <span className={styles.thumb} />
      </span>
      <span className={styles.words}>
        <span>{label}</span>
        {description !== undefined && (
          <span id={descriptionId} className={field.description}>
            {description}
          </span>
        )}
      </span>
    </AriaSwitch>
  )
}
