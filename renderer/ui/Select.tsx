import { Check, ChevronDown } from 'lucide-react'
import {
  Select as AriaSelect,
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  Text,
} from 'react-aria-components'
import { cx } from './cx.ts'
import field from './field.module.css'
import styles from './popup.module.css'

export interface SelectOption<Value extends string = string> {
  value: Value
  label: string
  description?: string | undefined
}

export interface SelectProps<Value extends string = string> {
  label: string
  value: Value
  options: readonly SelectOption<Value>[]
  onChange: (value: Value) => void
  description?: string | undefined
  disabled?: boolean | undefined
  /** Shown while `value` is none of the options. */
  placeholder?: string | undefined
  hideLabel?: boolean | undefined
}

/** One of several, from a list that opens. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  return (
    <AriaSelect
      className={cx(field.field)}
      value={props.value}
      onChange={(key) => props.onChange(key as Value)}
      isDisabled={props.disabled ?? false}
      placeholder={props.placeholder ?? ''}
      {...(props.hideLabel && { 'aria-label': props.label })}
    >
      {!props.hideLabel && <Label className={cx(field.label)}>{props.label}</Label>}
      <Button className={cx(styles.selectButton)}>
        <SelectValue className={cx(styles.selectValue)}>
          {({ selectedText, defaultChildren }) => selectedText ?? defaultChildren}
        </SelectValue>
        <ChevronDown aria-hidden="true" />
      </Button>
      {props.description !== undefined && (
        <Text slot="description" className={cx(field.description)}>
          {props.description}
        </Text>
      )}
      <Popover className={cx(styles.popover, styles.selectPopover)} offset={4}>
        <ListBox className={cx(styles.list)} items={props.options}>
          {(option) => <Option option={option} />}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}

function Option({ option }: { option: SelectOption }) {
  return (
    <ListBoxItem id={option.value} textValue={option.label} className={cx(styles.item)}>
      {({ isSelected }) => (
        <>
          <span className={styles.check}>{isSelected && <Check aria-hidden="true" />}</span>
          <span className={styles.itemWords}>
            <Text slot="label">{option.label}</Text>
            {option.description !== undefined && (
              <Text slot="description" className={cx(styles.itemDescription)}>
                {option.description}
              </Text>
            )}
          </span>
        </>
      )}
    </ListBoxItem>
  )
}
