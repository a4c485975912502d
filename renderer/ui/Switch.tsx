import { useId } from 'react'
import { Switch as AriaSwitch } from 'react-aria-components'
import { cx } from './cx.ts'
import styles from './Switch.module.css'

export interface SwitchProps {
  label: string
  checked: boolean
  onChange: (checked: boolean) => void
  description?: string | undefined
  disabled?: boolean | undefined
}

/** On or off, at once. */
export function Switch({ label, checked, onChange, description, disabled = false }: SwitchProps) {
  const descriptionId = useId()
  return (
    <div className={styles.field}>
      <AriaSwitch
        className={cx(styles.switch)}
        isSelected={checked}
        onChange={onChange}
        isDisabled={disabled}
        {...(description !== undefined && { 'aria-describedby': descriptionId })}
      >
        <span className={styles.track} aria-hidden="true">
          <span className={styles.thumb} />
        </span>
        <span>{label}</span>
      </AriaSwitch>
      {description !== undefined && (
        <p id={descriptionId} className={styles.description}>
          {description}
        </p>
      )}
    </div>
  )
}
