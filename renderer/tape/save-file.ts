import type { TapeStatus } from './worker/tape-status.ts'

interface SavePickerOptions {
  suggestedName: string
  types: { description: string; accept: Record<string, string[]> }[]
}

/** Asks where to save; null: this browser has no such question, it downloads. */
export async function pickFile(name: string): Promise<FileSystemFileHandle | null | 'cancelled'> {
  const { showSaveFilePicker } = window as {
    showSaveFilePicker?: (o: SavePickerOptions) => Promise<FileSystemFileHandle>
  }
  if (showSaveFilePicker === undefined) return null
  try {
    return await showSaveFilePicker.call(window, {
      suggestedName: name,
      types: [{ description: 'ZIP', accept: { 'application/zip': ['.zip'] } }],
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return 'cancelled'
    return null
  }
}

/** How long a browser may take to begin a download. */
const KEEP_URL_MS = 60_000

export function downloadBlob(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_URL_MS)
}

/** `Tea at five 2026-11-20 16.32.05 unprocessed.zip`: no two tapes of a room have one name, so that none is saved over another. */
export function tapeFileName({
  roomTitle,
  startedAtMs,
  source,
}: Pick<TapeStatus, 'roomTitle' | 'startedAtMs' | 'source'>): string {
  const title = roomTitle.replaceAll(/[\p{Cc}<>:"/\\|?*]/gu, ' ').trim()
  const at = new Date(startedAtMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-')
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join('.')
  const parts = [title === '' ? 'Engawa' : title, date, time, ...(source === 'unprocessed' ? [source] : [])]
  return `${parts.join(' ')}.zip`
}
