import { type RefObject, useLayoutEffect, useState } from 'react'
import { usePreferences } from '../../stores/preferences.ts'
import { readColors, type TimelineColors } from './colors.ts'

/** The timeline's colours, read anew when the theme changes. null before there is an element. */
export function useTimelineColors(timeline: RefObject<HTMLElement | null>): TimelineColors | null {
  const theme = usePreferences((state) => state.theme)
  const [colors, setColors] = useState<TimelineColors | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes what the element's style says
  useLayoutEffect(() => {
    const read = () => timeline.current !== null && setColors(readColors(timeline.current))
    read()
    const systems = [matchMedia('(prefers-color-scheme: dark)'), matchMedia('(forced-colors: active)')]
    for (const system of systems) system.addEventListener('change', read)
    return () => {
      for (const system of systems) system.removeEventListener('change', read)
    }
  }, [timeline, theme])
  return colors
}
