/** The part of the component library that a listener never sees; see index.ts. */
export { CopyField } from './CopyField.tsx'
export { Disclosure } from './Disclosure.tsx'
export { FileButton } from './FileButton.tsx'
export { ProgressBar } from './ProgressBar.tsx'
export { RadioGroup, type RadioOption } from './RadioGroup.tsx'
export { Select } from './Select.tsx'
export { Slider } from './Slider.tsx'
export { Switch } from './Switch.tsx'
