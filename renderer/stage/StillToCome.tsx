import './strip-words.ts'
import { useTranslation } from 'react-i18next'
import { formatLength } from '../app/format.ts'
import { Notice } from '../ui/index.ts'
import { isIncomplete, type StripRow } from './strip-model.ts'
import { useStretchWords, useStripRows } from './use-strip.ts'

/** Whose recording would come only after the room, if it ended now. Nothing while all are as far as they can be. */
export function StillToCome() {
  const { t, i18n } = useTranslation('strip')
  const stretch = useStretchWords()
  const late = useStripRows().filter(isLate)
  if (late.length === 0) return null
  const names = late.map(({ name, state, behindMs, safeToMs }) =>
    state === 'behind'
      ? t('ending.behind', { name, behind: stretch(behindMs) })
      : t('ending.silent', { name, time: formatLength(safeToMs) }),
  )
  return (
    <Notice tone="warning" title={t('ending.title')}>
      <p>{t('ending.names', { names: new Intl.ListFormat(i18n.language).format(names) })}</p>
      <p>{t('ending.help')}</p>
    </Notice>
  )
}

function isLate(row: StripRow): boolean {
  return isIncomplete(row) && row.state !== 'safe'
}
