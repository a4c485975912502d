import type { ReactElement, ReactNode } from 'react'
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { cx } from './cx.ts'
import styles from './popup.module.css'

export interface MenuEntry<Id extends string = string> {
  id: Id
  label: string
  icon?: ReactNode
  danger?: boolean | undefined
  disabled?: boolean | undefined
}

export interface MenuProps<Id extends string = string> {
  /** What the menu is of, for the ear, e.g. "Actions for Hana". */
  label: string
  /** A Button or IconButton of this library. */
  trigger: ReactElement
  items: readonly MenuEntry<Id>[]
  onAction: (id: Id) => void
}

/** Actions that open from a button. */
export function Menu<Id extends string>({ label, trigger, items, onAction }: MenuProps<Id>) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={cx(styles.popover)} offset={4}>
        <AriaMenu aria-label={label} className={cx(styles.list)} items={items} onAction={(key) => onAction(key as Id)}>
          {(item) => (
            <MenuItem
              id={item.id}
              textValue={item.label}
              isDisabled={item.disabled ?? false}
              className={cx(styles.item, item.danger && styles.itemDanger)}
            >
              {item.icon}
              <span className={styles.itemWords}>{item.label}</span>
            </MenuItem>
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}
