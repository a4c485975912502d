import WaveSurfer from 'wavesurfer.js'
import RegionsPlugin, { type Region } from 'wavesurfer.js/plugins/regions'
import type { TimeRange } from '../../../sfu-core/contract/edits.ts'
import type { TimelineColors } from './colors.ts'
import type { Desk } from './create-editor.ts'
import { waveformOptions } from './overview-options.ts'
import { endMsOf, framed, isFitted } from './time-axis.ts'

export interface OverviewHandle {
  setCuts(cuts: readonly TimeRange[]): void
  close(): void
}

export interface OverviewOptions {
  container: HTMLElement
  desk: Desk
  loudness: Float32Array
  colors: TimelineColors
}

/** So many cuts can be told apart in a strip. */
const CUTS_SHOWN = 200

/** The whole take by wavesurfer.js; its region is the window over what the timeline shows. */
export function showOverview({ container, desk, loudness, colors }: OverviewOptions): OverviewHandle {
  const { lengthMs } = desk
  const regions = RegionsPlugin.create()
  const wave = WaveSurfer.create({
    ...waveformOptions({ container, loudness, lengthMs, color: colors.soft }),
    plugins: [regions],
  })
  let cuts: readonly TimeRange[] = []
  let drawnCuts: Region[] = []
  let unwatch = () => {}
  const drawCuts = () => {
    for (const region of drawnCuts) region.remove()
    drawnCuts = cuts
      .slice(0, CUTS_SHOWN)
      .map((cut) =>
        regions.addRegion({ ...secondsOf(cut), id: 'cut', color: colors.ground, drag: false, resize: false }),
      )
  }
  wave.on('ready', () => {
    unwatch()
    unwatch = watchWindow(regions, desk, colors.selection)
    drawCuts()
  })
  wave.on('click', (share) => desk.seek(share * lengthMs))
  return {
    setCuts(wanted) {
      cuts = wanted
      if (wave.getDecodedData() !== null) drawCuts()
    },
    close() {
      unwatch()
      wave.destroy()
    },
  }
}

/** The window follows the timeline, and the timeline the window. */
function watchWindow(regions: ReturnType<typeof RegionsPlugin.create>, desk: Desk, color: string): () => void {
  const { view, lengthMs } = desk
  const region = regions.addRegion({ ...windowOf(desk), id: 'window', color, drag: true, resize: true })
  let isOwn = false
  const follow = () => {
    if (!isOwn) region.setOptions(windowOf(desk))
    if (region.element !== null) region.element.hidden = isFitted(view.get(), lengthMs)
  }
  region.on('update', () => {
    isOwn = true
    view.set(framed(view.get(), { fromMs: region.start * 1_000, toMs: region.end * 1_000 }, { lengthMs }))
    isOwn = false
  })
  region.on('update-end', follow)
  follow()
  return view.subscribe(follow)
}

function windowOf({ view, lengthMs }: Desk): { start: number; end: number } {
  const current = view.get()
  return secondsOf({ fromMs: current.startMs, toMs: Math.min(lengthMs, endMsOf(current)) })
}

function secondsOf({ fromMs, toMs }: TimeRange): { start: number; end: number } {
  return { start: fromMs / 1_000, end: toMs / 1_000 }
}
