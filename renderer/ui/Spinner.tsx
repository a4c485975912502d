import styles from './Spinner.module.css'

/** A turning ring, for the eye only: put words beside it. */
export function Spinner() {
  return <span className={styles.spinner} aria-hidden="true" />
}
