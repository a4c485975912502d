import type { TakeManifest } from '../contract/take.ts'
import { REPORT_MAX_BYTES } from './limits.ts'

/** The manifest as it goes to the server: of a very long timeline, what fits (R148). */
export function fitReport(manifest: TakeManifest): TakeManifest {
  if (sizeOf(manifest) <= REPORT_MAX_BYTES) return manifest
  const timeline = manifest.timeline.filter((event) => event.type !== 'muted' && event.type !== 'unmuted')
  return { ...manifest, timeline: timeline.slice(0, fittingCount({ ...manifest, timeline })) }
}

function fittingCount(manifest: TakeManifest): number {
  let left = REPORT_MAX_BYTES - sizeOf({ ...manifest, timeline: [] })
  const cut = manifest.timeline.findIndex((event) => {
    left -= sizeOf(event) + 1
    return left < 0
  })
  return cut < 0 ? manifest.timeline.length : cut
}

function sizeOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value))
}
