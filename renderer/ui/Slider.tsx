import { Slider as AriaSlider, Label, SliderOutput, SliderThumb, SliderTrack } from 'react-aria-components'
import { cx } from './cx.ts'
import field from './field.module.css'
import styles from './Slider.module.css'

export interface SliderProps {
  label: string
  value: number
  min: number
  max: number
  step: number
  onChange: (value: number) => void
  /** The hand was lifted. */
  onChangeEnd?: (() => void) | undefined
  format?: Intl.NumberFormatOptions | undefined
  /** After the number. */
  unit?: string | undefined
  disabled?: boolean | undefined
  hideLabel?: boolean | undefined
}

/** A number between two ends, with the value beside it. */
export function Slider(props: SliderProps) {
  return (
    <AriaSlider
      className={cx(styles.slider)}
      value={props.value}
      minValue={props.min}
      maxValue={props.max}
      step={props.step}
      onChange={(value) => props.onChange(Number(value))}
      isDisabled={props.disabled ?? false}
      {...(props.onChangeEnd && { onChangeEnd: props.onChangeEnd })}
      {...(props.format !== undefined && { formatOptions: props.format })}
      {...(props.hideLabel && { 'aria-label': props.label })}
    >
      {!props.hideLabel && <Label className={cx(field.label)}>{props.label}</Label>}
      <SliderTrack className={cx(styles.track)}>
        <SliderThumb className={cx(styles.thumb)} />
      </SliderTrack>
      <SliderOutput className={cx(styles.output)}>
        {({ state }) => [state.getThumbValueLabel(0), props.unit].filter(Boolean).join(' ')}
      </SliderOutput>
    </AriaSlider>
  )
}
