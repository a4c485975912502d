import { useEffect, useState } from 'react'
import type { StudioTrack } from '../../../sfu-core/contract/take-report.ts'
import type { TakeFiles } from '../take-files.ts'
import { type Peaks, peaksOf } from './peaks.ts'

export interface LoadedPeaks {
  /** By lane; null: on its way, or it did not come. */
  peaks: readonly (Peaks | null)[]
  /** Lanes whose peaks did not come. */
  failed: readonly StudioTrack[]
}

/** The waveforms' data, each as soon as it has come. */
export function usePeaks(lanes: readonly StudioTrack[], files: TakeFiles): LoadedPeaks {
  const [loaded, setLoaded] = useState<LoadedPeaks>({ peaks: lanes.map(() => null), failed: [] })
  // biome-ignore lint/correctness/useExhaustiveDependencies: an address with a newer ticket leads to the same file
  useEffect(() => {
    const abort = new AbortController()
    for (const [index, lane] of lanes.entries()) {
      loadPeaks(files.studio(lane.peaksFile), abort.signal).then(
        (own) => setLoaded((before) => ({ ...before, peaks: before.peaks.with(index, own) })),
        () => abort.signal.aborted || setLoaded((before) => ({ ...before, failed: [...before.failed, lane] })),
      )
    }
    return () => abort.abort()
  }, [lanes])
  return loaded
}

async function loadPeaks(url: string, signal: AbortSignal): Promise<Peaks> {
  const response = await fetch(url, { signal })
  if (!response.ok) throw new Error(`The peaks were refused: ${response.status}`)
  return peaksOf(await response.arrayBuffer())
}
