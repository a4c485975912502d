/** Colours of the timeline, as editor.module.css has them for light and dark (registered properties, so that they come resolved). */
export interface TimelineColors {
  ground: string
  lane: string
  line: string
  text: string
  soft: string
  cut: string
  selection: string
  selectionEdge: string
  marker: string
  markerText: string
  filled: string
  silent: string
  /** One for each lane. */
  inks: readonly string[]
}

/** Reads them from the timeline's element and the elements of its lanes' heads. */
export function readColors(timeline: HTMLElement): TimelineColors {
  const style = getComputedStyle(timeline)
  const read = (name: string) => style.getPropertyValue(`--timeline-${name}`)
  const heads = [...timeline.querySelectorAll<HTMLElement>('[data-lane]')]
  return {
    ground: read('ground'),
    lane: read('lane'),
    line: read('line'),
    text: read('text'),
    soft: read('soft'),
    cut: read('cut'),
    selection: read('selection'),
    selectionEdge: read('selection-edge'),
    marker: read('marker'),
    markerText: read('marker-text'),
    filled: read('filled'),
    silent: read('silent'),
    inks: heads.map((head) => getComputedStyle(head).getPropertyValue('--timeline-ink')),
  }
}
