import { useEffect, useState } from 'react'
import { meterValue } from './meter-scale.ts'

/** About 20 times a second looks smooth on a bar. */
const LOOK_INTERVAL_MS = 50
/** A falling level sinks this much a look, so that the eye can follow peaks. */
const FALL_PER_LOOK = 0.06

/** A meter's value (0 to 1) that follows `level` (RMS, 0 to 1) while `active`. */
export function useLevel(level: () => number, active: boolean): number {
  const [value, setValue] = useState(0)
  useEffect(() => {
    if (!active) {
      setValue(0)
      return
    }
    const timer = setInterval(() => {
      setValue((shown) => Math.max(meterValue(level()), shown - FALL_PER_LOOK, 0))
    }, LOOK_INTERVAL_MS)
    return () => clearInterval(timer)
  }, [level, active])
  return value
}
