import type { ReactNode, Ref } from 'react'
import { Button as AriaButton, ToggleButton } from 'react-aria-components'
import { cx } from './cx.ts'
import styles from './IconButton.module.css'
import { Tooltip } from './Tooltip.tsx'

export type IconButtonVariant = 'secondary' | 'quiet' | 'primary' | 'danger'

export interface IconButtonProps {
  /** Says what it does; read aloud, and shown as a tooltip. */
  label: string
  icon: ReactNode
  onPress?: (() => void) | undefined
  variant?: IconButtonVariant | undefined
  size?: 'small' | 'medium' | 'large' | undefined
  disabled?: boolean | undefined
  pending?: boolean | undefined
  /** Present: the button is a toggle (`aria-pressed`), and `onPress` flips it. */
  pressed?: boolean | undefined
  /** A shortcut shown in the tooltip, e.g. "M". */
  shortcut?: string | undefined
  /** False where the button stands beside its words. */
  tooltip?: boolean | undefined
  ref?: Ref<HTMLButtonElement> | undefined
}

/** A button that shows an icon only. */
export function IconButton({ label, shortcut, tooltip = true, ...props }: IconButtonProps) {
  const button = props.pressed === undefined ? <Plain label={label} {...props} /> : <Toggle label={label} {...props} />
  if (!tooltip) return button
  return <Tooltip label={shortcut === undefined ? label : `${label} (${shortcut})`}>{button}</Tooltip>
}

function lookOf({ variant = 'quiet', size = 'medium' }: IconButtonProps): string {
  return cx(styles.button, styles[variant], styles[size])
}

function Plain(props: IconButtonProps) {
  return (
    <AriaButton
      ref={props.ref ?? null}
      aria-label={props.label}
      className={lookOf(props)}
      isDisabled={props.disabled ?? false}
      data-pending={props.pending || undefined}
      {...(props.pending && { 'aria-disabled': true })}
      {...(props.onPress && !props.pending && { onPress: props.onPress })}
    >
      {props.icon}
    </AriaButton>
  )
}

function Toggle(props: IconButtonProps) {
  return (
    <ToggleButton
      ref={props.ref ?? null}
      aria-label={props.label}
      className={lookOf(props)}
      isDisabled={props.disabled ?? false}
      isSelected={props.pressed ?? false}
      {...(props.onPress && { onChange: props.onPress })}
    >
      {props.icon}
    </ToggleButton>
  )
}
