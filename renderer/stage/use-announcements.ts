import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announcementsBetween, type Heard } from './announcements.ts'
import { useView } from './stage-context.ts'

/** The words for the live region; they change with each thing that happens. */
export function useAnnouncements(): string {
  const { t } = useTranslation('stage')
  const { state, people, selfId, room } = useView()
  const [words, setWords] = useState('')
  const before = useRef<Heard | null>(null)
  const { title } = room

  useEffect(() => {
    const after: Heard = { phase: state.phase, people, selfId }
    const earlier = before.current ?? { ...after, phase: 'joining' }
    before.current = after
    const news = announcementsBetween(earlier, after)
    if (news.length > 0) setWords(news.map(({ key, name }) => t(`announce.${key}`, { name, title })).join(' '))
  }, [state.phase, people, selfId, title, t])
  return words
}
