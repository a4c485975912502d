import type { StudioTrack, TakeReport } from '../../../sfu-core/contract/take-report.ts'

/**
 * The tracks to edit, one for each speaker, in the report's order. Of two sources the one that the others heard: what is cut there is
 * cut in the other as well.
 */
export function lanesOf(report: Pick<TakeReport, 'tracks'>): StudioTrack[] {
  const lanes = new Map<string, StudioTrack>()
  for (const track of report.tracks) {
    const known = lanes.get(track.participantId)
    if (known === undefined || (known.source !== 'processed' && track.source === 'processed')) {
      lanes.set(track.participantId, track)
    }
  }
  return [...lanes.values()]
}
