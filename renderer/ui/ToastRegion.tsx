import { X } from 'lucide-react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { IconButton } from './IconButton.tsx'
import { Notice } from './Notice.tsx'
import styles from './ToastRegion.module.css'
import { type Toast, toastQueue } from './toast-queue.ts'

/** Long enough to read twelve words twice. */
const TOAST_SHOWN_MS = 6_000

export interface ToastRegionProps {
  /** Name of the region, for the ear. */
  label: string
  closeLabel: string
}

/** Where toasts appear. Always mounted, so that screen readers watch it before the first message. */
export function ToastRegion({ label, closeLabel }: ToastRegionProps) {
  const toasts = useSyncExternalStore(toastQueue.subscribe, toastQueue.current)
  const [held, setHeld] = useState(false)
  return (
    <section
      className={styles.region}
      aria-label={label}
      aria-live="polite"
      aria-relevant="additions"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {toasts.map((toast) => (
        <ToastItem key={toast.id} toast={toast} held={held} closeLabel={closeLabel} />
      ))}
    </section>
  )
}

function ToastItem({ toast, held, closeLabel }: { toast: Toast; held: boolean; closeLabel: string }) {
  const stays = held || toast.tone === 'danger'
  useEffect(() => {
    if (stays) return
    const timer = setTimeout(() => toastQueue.remove(toast.id), TOAST_SHOWN_MS)
    return () => clearTimeout(timer)
  }, [stays, toast.id])
  return (
    <div className={styles.toast}>
      <Notice tone={toast.tone}>
        <div className={styles.row}>
          <span className={styles.text}>{toast.text}</span>
          <IconButton
            label={closeLabel}
            icon={<X />}
            size="small"
            tooltip={false}
            onPress={() => toastQueue.remove(toast.id)}
          />
        </div>
      </Notice>
    </div>
  )
}
