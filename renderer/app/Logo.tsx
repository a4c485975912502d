import styles from './app.module.css'

/** A roof over a wooden veranda. */
export function Logo() {
  return (
    <svg className={styles.logo} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <path className={styles.logoHouse} d="M4 25 32 8l28 17v6H4zM13 31h6v15h-6zM45 31h6v15h-6z" />
      <path className={styles.logoWood} d="M4 46h56v4H4zM4 53h56v4H4z" />
    </svg>
  )
}
