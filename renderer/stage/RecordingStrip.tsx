import './strip-words.ts'
import { CheckCheck, CircleHelp, CloudOff, CloudUpload, Hourglass, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatLength } from '../app/format.ts'
import { Badge, Button, VisuallyHidden } from '../ui/index.ts'
import { keptPlace } from './kept-place.ts'
import { OwnRecording } from './OwnRecording.tsx'
import { SafeHelp } from './SafeHelp.tsx'
import { useView } from './stage-context.ts'
import styles from './strip.module.css'
import { type StripRow, type StripState, summaryOf } from './strip-model.ts'
import { useStretchWords, useStripRows } from './use-strip.ts'
import { useStripNews } from './use-strip-news.ts'

/** How safe the recording is: to hosts of every speaker, to others on stage of themselves. */
export function RecordingStrip() {
  const { t } = useTranslation('strip')
  const { state } = useView()
  const rows = useStripRows()
  const news = useStripNews(rows)
  const [helping, setHelping] = useState(false)
  return (
    <section className={styles.strip} aria-labelledby="recording-heading">
      <VisuallyHidden>
        <span role="status">{news}</span>
      </VisuallyHidden>
      <div className={styles.head}>
        <h2 id="recording-heading" className={styles.heading}>
          {t('title')}
        </h2>
        <Summary rows={rows} />
        <span className={styles.help}>
          <Button
            size="small"
            variant="quiet"
            icon={<CircleHelp aria-hidden="true" />}
            onPress={() => setHelping(true)}
          >
            {t('help.open')}
          </Button>
        </span>
      </div>
      {state.phase !== 'connected' && rows.length > 0 && <p className={styles.soft}>{t('stale')}</p>}
      {rows.length > 0 && (
        <ul className={styles.rows} aria-label={t('people')}>
          {rows.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </ul>
      )}
      <div className={styles.foot}>
        <OwnRecording />
        <Kept />
      </div>
      <SafeHelp open={helping} onClose={() => setHelping(false)} />
    </section>
  )
}

/** For those who answer for the recording; the others were told when they agreed. */
function Kept() {
  const { t } = useTranslation('strip')
  const { room, people, selfId } = useView()
  const me = selfId === null ? undefined : people.participants[selfId]
  if (me === undefined || me.rank === 'member') return null
  return <p className={styles.soft}>{t(`kept.${keptPlace(room)}`, { host: room.hostName })}</p>
}

function Summary({ rows }: { rows: readonly StripRow[] }) {
  const { t, i18n } = useTranslation('strip')
  if (rows.length === 0) return null
  const summary = summaryOf(rows)
  switch (summary.kind) {
    case 'starting':
      return <Badge>{t('summary.starting')}</Badge>
    case 'safe':
    case 'complete':
      return <Badge tone="success">{t(`summary.${summary.kind}`)}</Badge>
    case 'gaps':
      return <Badge tone="warning">{t('summary.gaps', { count: summary.count })}</Badge>
    case 'look': {
      const names = new Intl.ListFormat(i18n.language).format(summary.names)
      return <Badge tone="warning">{t('summary.look', { names })}</Badge>
    }
  }
}

const ICONS: Record<StripState, typeof ShieldCheck> = {
  waiting: Hourglass,
  safe: ShieldCheck,
  behind: CloudUpload,
  silent: CloudOff,
  complete: CheckCheck,
  absent: CloudOff,
}

function Row({ row }: { row: StripRow }) {
  const { t } = useTranslation('strip')
  const stretch = useStretchWords()
  const { name, state, isSelf, gapCount } = row
  const Icon = ICONS[state]
  const words = t(`state.${state}`, { time: formatLength(row.safeToMs), behind: stretch(row.behindMs) })
  const gaps = t('gaps', { count: gapCount, length: stretch(row.gapMs) })
  // Of whom there is nothing, nothing has a gap.
  const hasGaps = state !== 'waiting' && state !== 'absent'
  return (
    <li className={styles.row} data-state={state} data-gaps={gapCount > 0}>
      <Icon aria-hidden="true" className={styles.icon} />
      <div className={styles.words}>
        <p>
          <span className={styles.name}>{isSelf ? t('self', { name }) : name}</span>: {words}
          {hasGaps && (
            <>
              {' · '}
              <span className={styles.gaps}>{gaps}</span>
            </>
          )}
        </p>
        <Why row={row} />
      </div>
    </li>
  )
}

function Why({ row: { state, isSelf } }: { row: StripRow }) {
  const { t } = useTranslation('strip')
  switch (state) {
    case 'behind':
    case 'silent':
    case 'absent':
      return <p className={styles.soft}>{t(isSelf ? `why.${state}Self` : `why.${state}`)}</p>
    case 'waiting':
    case 'safe':
    case 'complete':
      return null
  }
}
