import type { ReactNode, Ref } from 'react'
import { Button as AriaButton } from 'react-aria-components'
import { Link } from 'wouter'
import styles from './Button.module.css'
import { cx } from './cx.ts'
import { Spinner } from './Spinner.tsx'

/** `primary`: the one next step. `danger`: what cannot be taken back. `quiet`: beside others. */
export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger'
export type ButtonSize = 'small' | 'medium' | 'large'

interface ButtonLook {
  children: ReactNode
  variant?: ButtonVariant | undefined
  size?: ButtonSize | undefined
  /** Before the words; decorative. */
  icon?: ReactNode
  /** Takes the whole width. */
  wide?: boolean | undefined
}

export interface ButtonProps extends ButtonLook {
  onPress?: (() => void) | undefined
  type?: 'button' | 'submit' | undefined
  disabled?: boolean | undefined
  /** Work is under way: the button keeps its place and focus, and takes no press. */
  pending?: boolean | undefined
  /** What is under way, e.g. "Creating the room…". Without it the button's own words stay. */
  pendingLabel?: string | undefined
  /** Where the visible words do not say enough, e.g. "Mute Hana". Begin it with the visible words. */
  ariaLabel?: string | undefined
  autoFocus?: boolean | undefined
  ref?: Ref<HTMLButtonElement> | undefined
}

function lookOf({ variant = 'secondary', size = 'medium', wide = false }: Omit<ButtonLook, 'children'>): string {
  return cx(styles.button, styles[variant], styles[size], wide && styles.wide)
}

/**
 * A button with words. Pending is done here and not by react-aria's `isPending`: that one announces by reference
 * to the button, and the reference is empty when the button goes away with its work done.
 */
export function Button({ pending = false, pendingLabel, icon, children, ...props }: ButtonProps) {
  return (
    <AriaButton
      ref={props.ref ?? null}
      type={pending ? 'button' : (props.type ?? 'button')}
      data-pending={pending || undefined}
      {...(pending && { 'aria-disabled': true })}
      className={lookOf(props)}
      isDisabled={props.disabled ?? false}
      autoFocus={props.autoFocus ?? false}
      {...(props.onPress && !pending && { onPress: props.onPress })}
      {...(props.ariaLabel !== undefined && !pending && { 'aria-label': props.ariaLabel })}
    >
      {pending ? <Spinner /> : icon}
      <span className={styles.words} aria-live="polite">
        {pending && pendingLabel !== undefined ? pendingLabel : children}
      </span>
    </AriaButton>
  )
}

export interface LinkButtonProps extends ButtonLook {
  href: string
}

/** A link to another screen that looks like a button. */
export function LinkButton({ href, icon, children, ...look }: LinkButtonProps) {
  return (
    <Link href={href} className={lookOf(look)}>
      {icon}
      <span className={styles.words}>{children}</span>
    </Link>
  )
}

export interface DownloadButtonProps extends ButtonLook {
  href: string
  /** The file's name; the server's own name where absent. */
  fileName?: string | undefined
  ariaLabel?: string | undefined
}

/** A link that saves a file, in the looks of a button. */
export function DownloadButton({ href, fileName, icon, children, ariaLabel, ...look }: DownloadButtonProps) {
  return (
    <a href={href} download={fileName ?? ''} className={lookOf(look)} aria-label={ariaLabel}>
      {icon}
      <span className={styles.words}>{children}</span>
    </a>
  )
}
