/** At most two signs that stand for a name: "Ada Lovelace" → AL, "花子" → 花. Grapheme-safe. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u)
  const first = firstGrapheme(words[0] ?? '')
  const last = words.length > 1 ? firstGrapheme(words.at(-1) ?? '') : ''
  return (first + last).toLocaleUpperCase()
}

function firstGrapheme(word: string): string {
  for (const { segment } of new Intl.Segmenter().segment(word)) return segment
  return ''
}

/** A hue (0 to 359) that is always the same for the same name. FNV-1a, 32 bit (RFC 9923). */
export function hueOf(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  }
  return (hash >>> 0) % 360
}
