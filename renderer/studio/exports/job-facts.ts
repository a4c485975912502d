import type { JobView } from '../../../server/contract/views.ts'
import type { ExportFormat, RenderRequest } from '../../../sfu-core/contract/render.ts'

/** Formats in the order in which people look for them. */
export const EXPORT_FORMATS: readonly ExportFormat[] = ['mp3', 'aac', 'opus', 'wav', 'flac']

export function isUnderWay({ state }: Pick<JobView, 'state'>): boolean {
  return state === 'waiting' || state === 'running'
}

/** Those that the list of exports shows; previews and assembling are shown where they were asked for. */
export function exportJobs(jobs: readonly JobView[]): JobView[] {
  return jobs.filter(({ request }) => request.kind === 'mix' || request.kind === 'tracks')
}

/** The newest job of a kind; jobs come newest first. */
export function newestOf(jobs: readonly JobView[], kind: RenderRequest['kind']): JobView | null {
  return jobs.find(({ request }) => request.kind === kind) ?? null
}

/** Whole percent, and 100 only when it is over. */
export function percentOf({ progress, state }: Pick<JobView, 'progress' | 'state'>): number {
  if (state === 'done') return 100
  return Math.max(0, Math.min(99, Math.floor(progress * 100)))
}

const BYTE_UNITS = ['kilobyte', 'megabyte', 'gigabyte'] as const

/** "14 MB", in the reader's language. */
export function formatBytes(sizeBytes: number, locale: string): string {
  let value = sizeBytes / 1_000
  let unit = 0
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1_000
    unit += 1
  }
  const style = { style: 'unit', unit: BYTE_UNITS[unit] ?? 'gigabyte', unitDisplay: 'short' } as const
  return new Intl.NumberFormat(locale, { ...style, maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 }).format(
    value,
  )
}
