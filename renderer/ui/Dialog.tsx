import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { Button } from './Button.tsx'
import { cx } from './cx.ts'
import styles from './Dialog.module.css'
import { IconButton } from './IconButton.tsx'

export interface DialogProps {
  open: boolean
  /** Asked by Escape, a press outside, or the close button. */
  onClose: () => void
  title: string
  children: ReactNode
  /** Buttons, the main one last. */
  footer?: ReactNode
  /** Words of the close button, for the ear. */
  closeLabel: string
  /** `alertdialog`: a question that interrupts; it is not closed by a press outside. */
  role?: 'dialog' | 'alertdialog' | undefined
  /** False where closing counts as an answer: Escape may have been meant for something else. True unless told. */
  escapeCloses?: boolean | undefined
}

/** A window over the page. Focus goes in, stays in, and comes back. */
export function Dialog({ role = 'dialog', escapeCloses = true, ...props }: DialogProps) {
  return (
    <ModalOverlay
      className={cx(styles.overlay)}
      isOpen={props.open}
      onOpenChange={(open) => !open && props.onClose()}
      isDismissable={role === 'dialog'}
      isKeyboardDismissDisabled={!escapeCloses}
    >
      <Modal className={cx(styles.modal)}>
        <AriaDialog role={role} className={cx(styles.dialog)}>
          <header className={styles.header}>
            <Heading slot="title" level={2} className={cx(styles.title)}>
              {props.title}
            </Heading>
            <IconButton label={props.closeLabel} icon={<X />} size="small" onPress={props.onClose} tooltip={false} />
          </header>
          <div className={styles.body}>{props.children}</div>
          {props.footer !== undefined && <footer className={styles.footer}>{props.footer}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}

export interface ConfirmDialogProps {
  open: boolean
  title: string
  children: ReactNode
  confirmLabel: string
  cancelLabel: string
  onConfirm: () => void
  onCancel: () => void
  /** The answer cannot be taken back. */
  danger?: boolean | undefined
  pending?: boolean | undefined
  pendingLabel?: string | undefined
}

/** A question with two answers. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Dialog
      role="alertdialog"
      open={props.open}
      onClose={props.onCancel}
      title={props.title}
      closeLabel={props.cancelLabel}
      footer={
        <>
          <Button onPress={props.onCancel} autoFocus={props.danger ?? false}>
            {props.cancelLabel}
          </Button>
          <Button
            variant={props.danger ? 'danger' : 'primary'}
            onPress={props.onConfirm}
            pending={props.pending}
            pendingLabel={props.pendingLabel}
            autoFocus={!props.danger}
          >
            {props.confirmLabel}
          </Button>
        </>
      }
    >
      {props.children}
    </Dialog>
  )
}
