/** What a file says of itself. */
export interface SoundTags {
  title: string
  /** Who speaks. */
  artists: readonly string[]
  /** YYYY-MM-DD. */
  date: string
  chapters: readonly Chapter[]
}

/** In order of time; each lasts until the next, the last until the end. */
export interface Chapter {
  startMs: number
  title: string
}

/** One line, whatever the person wrote. */
export function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim()
}

/** The tags that FFmpeg writes by itself, by its names. */
export function plainTags({ title, artists, date }: SoundTags): Record<string, string> {
  const tags = { title: oneLine(title), artist: oneLine(artists.join(', ')), date }
  return Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== ''))
}

function chapterTime(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const seconds = (ms / 1_000) % 60
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two(seconds)}.${String(Math.floor(ms % 1_000)).padStart(3, '0')}`
}

/** More do not fit the names below. */
const VORBIS_CHAPTERS_MAX_COUNT = 999

/** Chapters as Vorbis comments (wiki.xiph.org/Chapter_Extension): CHAPTER000=00:00:00.000, CHAPTER000NAME=… */
export function vorbisChapters(chapters: readonly Chapter[]): Record<string, string> {
  const entries = chapters.slice(0, VORBIS_CHAPTERS_MAX_COUNT).flatMap(({ startMs, title }, index) => {
    const name = `CHAPTER${String(index).padStart(3, '0')}`
    return [
      [name, chapterTime(startMs)],
      [`${name}NAME`, oneLine(title)],
    ]
  })
  return Object.fromEntries(entries)
}
