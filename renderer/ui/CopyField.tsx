import { Check, Copy } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from './Button.tsx'
import { copyText } from './copy-text.ts'
import { TextField } from './TextField.tsx'

/** How long the button says that it worked. */
const COPIED_SHOWN_MS = 2_500

export interface CopyFieldProps {
  label: string
  value: string
  copyLabel: string
  /** Takes the place of copyLabel for a moment, and is read aloud. */
  copiedLabel: string
  /** Shown where the clipboard may not be used: the text is selected then. */
  byHandHint: string
  description?: string | undefined
}

/** A text to take along, with a button that copies it. */
export function CopyField(props: CopyFieldProps) {
  const input = useRef<HTMLInputElement>(null)
  const [outcome, setOutcome] = useState<'none' | 'copied' | 'by-hand'>('none')
  useEffect(() => {
    if (outcome !== 'copied') return
    const timer = setTimeout(() => setOutcome('none'), COPIED_SHOWN_MS)
    return () => clearTimeout(timer)
  }, [outcome])

  const copy = async () => {
    if (input.current === null) return
    setOutcome((await copyText(input.current)) ? 'copied' : 'by-hand')
  }
  const copied = outcome === 'copied'
  return (
    <TextField
      label={props.label}
      value={props.value}
      onChange={() => {}}
      readOnly
      inputRef={input}
      description={outcome === 'by-hand' ? props.byHandHint : props.description}
      action={
        <Button
          icon={copied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
          onPress={() => void copy()}
          variant={copied ? 'primary' : 'secondary'}
        >
          <span aria-live="polite">{copied ? props.copiedLabel : props.copyLabel}</span>
        </Button>
      }
    />
  )
}
