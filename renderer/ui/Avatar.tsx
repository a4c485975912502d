import type { CSSProperties } from 'react'
import styles from './Avatar.module.css'
import { hueOf, initialsOf } from './avatar-look.ts'
import { cx } from './cx.ts'

export interface AvatarProps {
  name: string
  size?: 'small' | 'medium' | 'large' | undefined
  /** A wooden ring: this person is heard now. */
  speaking?: boolean | undefined
  /** Their connection is down. */
  faded?: boolean | undefined
}

/** A person's initials on their own colour. Decorative: the name stands beside it. */
export function Avatar({ name, size = 'medium', speaking = false, faded = false }: AvatarProps) {
  return (
    <span
      className={cx(styles.avatar, styles[size], speaking && styles.speaking, faded && styles.faded)}
      style={{ '--hue': hueOf(name) } as CSSProperties}
      aria-hidden="true"
    >
      {initialsOf(name)}
    </span>
  )
}
