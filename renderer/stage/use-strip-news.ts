import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type StripNews, type StripRow, stripNews } from './strip-model.ts'
import { useStretchWords } from './use-strip.ts'

/** A connection at its limit is behind and up again by turns: news come at most this often, and tell what is different since the last. */
const NEWS_INTERVAL_MS = 10_000

/** The words for the live region. */
export function useStripNews(rows: readonly StripRow[]): string {
  const words = useNewsWords()
  const [said, setSaid] = useState('')
  const latest = useRef({ rows, words })
  latest.current = { rows, words }
  const told = useRef(rows)
  useEffect(() => {
    const timer = setInterval(() => {
      const { rows, words } = latest.current
      const news = stripNews(told.current, rows)
      told.current = rows
      if (news.length > 0) setSaid(news.map(words).join(' '))
    }, NEWS_INTERVAL_MS)
    return () => clearInterval(timer)
  }, [])
  return said
}

function useNewsWords(): (news: StripNews) => string {
  const { t } = useTranslation('strip')
  const stretch = useStretchWords()
  return ({ key, name, isSelf, gapMs }) => {
    const length = stretch(gapMs)
    if (key === 'allHere' || !isSelf) return t(`news.${key}`, { name, length })
    return t(`news.${key}Self`, { length })
  }
}
