/**
 * The component library: props in, callbacks out, no words of its own, no stores. Colours, sizes and
 * motion come from tokens.css as CSS custom properties; use those in CSS modules too. What only the screens of
 * app/screens.ts need is in forms.ts: a listener loads all that is here.
 */
export { Avatar } from './Avatar.tsx'
export { Badge } from './Badge.tsx'
export { Button, DownloadButton, LinkButton } from './Button.tsx'
export { Card } from './Card.tsx'
export { cx } from './cx.ts'
export { ConfirmDialog, Dialog } from './Dialog.tsx'
export { IconButton } from './IconButton.tsx'
export { Menu } from './Menu.tsx'
export { Meter } from './Meter.tsx'
export { Notice } from './Notice.tsx'
export { PAGE_HEADING_ATTRIBUTE, PageHeader } from './PageHeader.tsx'
export { EmptyState, ErrorState, Loading } from './PageState.tsx'
export { TextArea, TextField } from './TextField.tsx'
export { ToastRegion } from './ToastRegion.tsx'
export { Tooltip } from './Tooltip.tsx'
export { showToast } from './toast-queue.ts'
export { VisuallyHidden } from './VisuallyHidden.tsx'
