import { type ReactNode, useId } from 'react'
import { RadioGroup as AriaRadioGroup, FieldError, Label, Radio, Text } from 'react-aria-components'
import { cx } from './cx.ts'
import field from './field.module.css'
import styles from './RadioGroup.module.css'

export interface RadioOption<Value extends string = string> {
  value: Value
  label: string
  description?: string | undefined
  icon?: ReactNode
  disabled?: boolean | undefined
}

export interface RadioGroupProps<Value extends string = string> {
  label: string
  value: Value
  options: readonly RadioOption<Value>[]
  onChange: (value: Value) => void
  /** For the whole of it. */
  description?: string | undefined
  error?: string | null | undefined
  /** Side by side where there is room, e.g. for three short words. */
  horizontal?: boolean | undefined
}

/** One of a few, all in sight, each with its own explanation. */
export function RadioGroup<Value extends string>(props: RadioGroupProps<Value>) {
  return (
    <AriaRadioGroup
      className={cx(field.field)}
      value={props.value}
      onChange={(value) => props.onChange(value as Value)}
      isInvalid={props.error !== undefined && props.error !== null}
    >
      <Label className={cx(field.label)}>{props.label}</Label>
      {props.description !== undefined && (
        <Text slot="description" className={cx(field.description)}>
          {props.description}
        </Text>
      )}
      <div className={cx(styles.options, props.horizontal && styles.horizontal)}>
        {props.options.map((option) => (
          <Choice key={option.value} option={option} />
        ))}
      </div>
      <FieldError className={cx(field.error)}>{props.error}</FieldError>
    </AriaRadioGroup>
  )
}

function Choice({ option }: { option: RadioOption }) {
  const descriptionId = useId()
  return (
    <Radio
      value={option.value}
      className={cx(styles.option)}
      isDisabled={option.disabled ?? false}
      aria-label={option.label}
      {...(option.description !== undefined && { 'aria-describedby': descriptionId })}
    >
      <span className={styles.dot} aria-hidden="true" />
      {option.icon !== undefined && <span className={styles.icon}>{option.icon}</span>}
      <span className={styles.words}>
        <span className={styles.name}>{option.label}</span>
        {option.description !== undefined && (
          <span id={descriptionId} className={field.description}>
            {option.description}
          </span>
        )}
      </span>
    </Radio>
  )
}
