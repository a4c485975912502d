import type { ReactNode } from 'react'
import { FileTrigger } from 'react-aria-components'
import { Button, type ButtonSize, type ButtonVariant } from './Button.tsx'

export interface FileButtonProps {
  children: string
  /** MIME types or endings, e.g. `audio/*`. */
  accept: readonly string[]
  onFile: (file: File) => void
  icon?: ReactNode
  size?: ButtonSize | undefined
  variant?: ButtonVariant | undefined
  ariaLabel?: string | undefined
}

/** Opens the system's file picker. */
export function FileButton({ children, accept, onFile, ...look }: FileButtonProps) {
  return (
    <FileTrigger
      acceptedFileTypes={accept}
      onSelect={(files) => {
        const file = files?.[0]
        if (file !== undefined) onFile(file)
      }}
    >
      <Button {...look}>{children}</Button>
    </FileTrigger>
  )
}
