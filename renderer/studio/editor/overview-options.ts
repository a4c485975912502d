import type { WaveSurferOptions } from 'wavesurfer.js'

/**
 * How high the overview is. wavesurfer.js writes it into its style element, whose hash the page's Content-Security-Policy names
 * (server/contract/page-styles.ts; overview-options.test.ts compares).
 */
export const OVERVIEW_PX = 36

interface OverviewWave {
  container: HTMLElement
  /** 0 to 1, evenly over the length. */
  loudness: Float32Array
  lengthMs: number
  color: string
}

/** A waveform as wide as its container, without sound of its own. */
export function waveformOptions({ container, loudness, lengthMs, color }: OverviewWave): WaveSurferOptions {
  return {
    container,
    height: OVERVIEW_PX,
    peaks: [loudness],
    duration: lengthMs / 1_000,
    waveColor: color,
    progressColor: color,
    cursorWidth: 0,
    barHeight: 0.9,
    normalize: true,
    interact: true,
    autoScroll: false,
    hideScrollbar: true,
  }
}
