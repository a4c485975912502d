import type { ReactNode } from 'react'
import { Button, Dialog } from '../ui/index.ts'

export interface QuestionDialogProps {
  open: boolean
  title: string
  children: ReactNode
  yesLabel: string
  noLabel: string
  onYes: () => void
  onNo: () => void
  /** False where a no has consequences: Escape may have been meant for something else. True unless told. */
  escapeSaysNo?: boolean | undefined
}

/**
 * A question that may come up at any moment, while somebody types or holds the space bar. So neither answer has
 * the focus: a key that was meant for something else gives no consent.
 */
export function QuestionDialog(props: QuestionDialogProps) {
  return (
    <Dialog
      role="alertdialog"
      open={props.open}
      onClose={props.onNo}
      escapeCloses={props.escapeSaysNo}
      title={props.title}
      closeLabel={props.noLabel}
      footer={
        <>
          <Button onPress={props.onNo}>{props.noLabel}</Button>
          <Button variant="primary" onPress={props.onYes}>
            {props.yesLabel}
          </Button>
        </>
      }
    >
      {props.children}
    </Dialog>
  )
}
