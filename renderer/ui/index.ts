/**
 * The component library: props in, callbacks out, no words of its own, no stores. Colours, sizes and
 * motion come from tokens.css as CSS custom properties; use those in CSS modules too.
 */
export { Avatar, type AvatarProps } from './Avatar.tsx'
export { Badge, type BadgeProps } from './Badge.tsx'
export {
  Button,
  type ButtonProps,
  type ButtonSize,
  type ButtonVariant,
  DownloadButton,
  type DownloadButtonProps,
  LinkButton,
  type LinkButtonProps,
} from './Button.tsx'
export { Card, type CardProps } from './Card.tsx'
export { CopyField, type CopyFieldProps } from './CopyField.tsx'
export { cx } from './cx.ts'
export { ConfirmDialog, type ConfirmDialogProps, Dialog, type DialogProps } from './Dialog.tsx'
export { IconButton, type IconButtonProps } from './IconButton.tsx'
export { Menu, type MenuEntry, type MenuProps } from './Menu.tsx'
export { Meter, type MeterProps } from './Meter.tsx'
export { Notice, type NoticeProps, type Tone } from './Notice.tsx'
export { PAGE_HEADING_ATTRIBUTE, PageHeader, type PageHeaderProps } from './PageHeader.tsx'
export { EmptyState, type EmptyStateProps, ErrorState, type ErrorStateProps, Loading } from './PageState.tsx'
export { RadioGroup, type RadioGroupProps, type RadioOption } from './RadioGroup.tsx'
export { Select, type SelectOption, type SelectProps } from './Select.tsx'
export { Spinner } from './Spinner.tsx'
export { Switch, type SwitchProps } from './Switch.tsx'
export { TextArea, type TextAreaProps, TextField, type TextFieldProps } from './TextField.tsx'
export { ToastRegion, type ToastRegionProps } from './ToastRegion.tsx'
export { Tooltip, type TooltipProps } from './Tooltip.tsx'
export { showToast } from './toast-queue.ts'
export { VisuallyHidden } from './VisuallyHidden.tsx'
