import { Button } from 'react-aria-components'
import { Avatar, cx } from '../ui/index.ts'
import styles from './app.module.css'

/** Opens the account's menu. */
export function AccountButton({ name }: { name: string }) {
  return (
    <Button className={cx(styles.accountButton)}>
      <Avatar name={name} size="small" />
      <span className={styles.accountName}>{name}</span>
    </Button>
  )
}
