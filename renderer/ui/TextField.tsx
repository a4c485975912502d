import type { ReactNode, Ref } from 'react'
import {
  TextArea as AriaTextArea,
  TextField as AriaTextField,
  FieldError,
  Input,
  Label,
  Text,
} from 'react-aria-components'
import { cx } from './cx.ts'
import styles from './field.module.css'

interface FieldProps {
  label: string
  value: string
  onChange: (value: string) => void
  /** Help that stays visible. */
  description?: string | undefined
  /** What is wrong and how to mend it; null or absent while all is well. */
  error?: string | null | undefined
  required?: boolean | undefined
  disabled?: boolean | undefined
  autoFocus?: boolean | undefined
  maxLength?: number | undefined
  name?: string | undefined
  placeholder?: string | undefined
  /** For the ear only: the label is not shown. */
  hideLabel?: boolean | undefined
  /** The field was left. */
  onBlur?: (() => void) | undefined
}

export interface TextFieldProps extends FieldProps {
  type?: 'text' | 'email' | 'password' | 'search' | 'url' | undefined
  /** An HTML autocomplete token, e.g. `current-password`. */
  autoComplete?: string | undefined
  readOnly?: boolean | undefined
  /** A button at the field's end. */
  action?: ReactNode
  inputRef?: Ref<HTMLInputElement> | undefined
}

/** One line of text. */
export function TextField({ action, inputRef, placeholder, ...props }: TextFieldProps) {
  return (
    <Frame {...props}>
      <div className={styles.row}>
        <Input
          ref={inputRef ?? null}
          className={cx(styles.input)}
          {...(placeholder !== undefined && { placeholder })}
        />
        {action}
      </div>
    </Frame>
  )
}

export interface TextAreaProps extends FieldProps {
  rows?: number | undefined
}

/** Several lines of text. */
export function TextArea({ rows = 4, placeholder, ...props }: TextAreaProps) {
  return (
    <Frame {...props}>
      <AriaTextArea
        rows={rows}
        className={cx(styles.input, styles.area)}
        {...(placeholder !== undefined && { placeholder })}
      />
    </Frame>
  )
}

function Frame({ children, ...props }: Omit<TextFieldProps, 'action' | 'inputRef'> & { children: ReactNode }) {
  const invalid = props.error !== undefined && props.error !== null
  return (
    <AriaTextField
      className={cx(styles.field)}
      value={props.value}
      onChange={props.onChange}
      isRequired={props.required ?? false}
      isDisabled={props.disabled ?? false}
      isReadOnly={props.readOnly ?? false}
      isInvalid={invalid}
      validationBehavior="aria"
      autoFocus={props.autoFocus ?? false}
      {...(props.type !== undefined && { type: props.type })}
      {...(props.name !== undefined && { name: props.name })}
      {...(props.autoComplete !== undefined && { autoComplete: props.autoComplete })}
      {...(props.maxLength !== undefined && { maxLength: props.maxLength })}
      {...(props.hideLabel && { 'aria-label': props.label })}
      {...(props.onBlur && { onBlur: props.onBlur })}
    >
      {!props.hideLabel && <Label className={cx(styles.label)}>{props.label}</Label>}
      {children}
      {props.description !== undefined && (
        <Text slot="description" className={cx(styles.description)}>
          {props.description}
        </Text>
      )}
      <FieldError className={cx(styles.error)}>{props.error}</FieldError>
    </AriaTextField>
  )
}
