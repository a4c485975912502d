import { editedMs, keptRanges } from '../../contract/edits.ts'
import { STUDIO_RATE_HZ } from '../av/sound-block.ts'
import type { Chapter, SoundTags } from '../encode/sound-tags.ts'
import { castOf, type RenderMixInput } from './mix-input.ts'

/** Chapters nearer to the beginning than this begin there. */
const FIRST_CHAPTER_MS = 1_000

/** @param talkFromSamples where the talk begins, behind the intro */
export function tagsOfMix(input: RenderMixInput, talkFromSamples: number): SoundTags {
  const { report, edits, tags, range } = input
  return {
    title: tags.title,
    artists: tags.artists ?? castOf(report, edits).map(({ name }) => name),
    date: tags.date ?? new Date(report.startedAtMs).toISOString().slice(0, 10),
    chapters: range ? [] : chaptersOf(input, (talkFromSamples / STUDIO_RATE_HZ) * 1_000),
  }
}

function chaptersOf({ report, edits, tags }: RenderMixInput, talkFromMs: number): Chapter[] {
  const kept = keptRanges(edits, report.lengthMs)
  const chapters = edits.markers
    .toSorted((a, b) => a.atMs - b.atMs)
    .flatMap(({ atMs, text }): Chapter[] => {
      const startMs = editedMs(kept, atMs)
      return startMs === null ? [] : [{ startMs: startMs + talkFromMs, title: text }]
    })
  const first = chapters[0]
  // Players show what lies before the first chapter as belonging to none, or skip it.
  if (first && first.startMs > FIRST_CHAPTER_MS) chapters.unshift({ startMs: 0, title: tags.title })
  return chapters
}
