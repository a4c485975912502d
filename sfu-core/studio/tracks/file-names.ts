/** Names of files that any system takes, in any script. */

const NAME_MAX_CHARS = 60

/** Letters, marks and digits of any script, spaces, hyphens and underscores: nothing that a path, an archive or a label trips over. */
function plain(text: string): string {
  const kept = text
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{M}\p{N}_ -]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return [...kept].slice(0, NAME_MAX_CHARS).join('').trim()
}

/** A title as the name of a file, without its ending. */
export function titleName(title: string): string {
  return plain(title).replace(/^[^\p{L}\p{N}]+/u, '') || 'Engawa'
}

/** `number` makes it unique, and keeps the order: `02 花子.flac`. */
export function trackName(track: { number: number; name: string; extension: string }): string {
  const number = String(track.number).padStart(2, '0')
  return `${number} ${plain(track.name) || 'speaker'}.${track.extension}`
}
