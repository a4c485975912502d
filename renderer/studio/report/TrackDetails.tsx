import { useTranslation } from 'react-i18next'
import type { StudioTrack } from '../../../sfu-core/contract/take-report.ts'
import studio from '../studio.module.css'
import { formatPrecise } from '../times.ts'
import { useLengthWords } from '../use-lengths.ts'
import styles from './report.module.css'
import { driftOf, type GapGroup, gapGroups } from './report-facts.ts'

/** Where a bad line left dozens of gaps, these are written out; of the rest the number is. */
const GAPS_SHOWN = 12

/** Each gap with its cause, the sound card's clock, the microphones. */
export function TrackDetails({ track }: { track: StudioTrack }) {
  const { t } = useTranslation('studio')
  const groups = gapGroups(track.gaps)
  const devices = [...new Set(track.tapes.map(({ deviceLabel }) => deviceLabel).filter((label) => label !== ''))]
  return (
    <div className={styles.details}>
      {groups.map((group) => (
        <Gaps key={`${group.gaps[0]?.fromMs}`} group={group} />
      ))}
      {groups.length === 0 && <p className={studio.soft}>{t('speaker.noGaps')}</p>}
      <Drift track={track} />
      {devices.map((label) => (
        <p key={label} className={studio.soft}>
          {t('speaker.device', { label })}
        </p>
      ))}
    </div>
  )
}

function Gaps({ group }: { group: GapGroup }) {
  const { t } = useTranslation('studio')
  const length = useLengthWords()
  const more = group.gaps.length - GAPS_SHOWN
  return (
    <div>
      <p className={styles.cause}>
        {t(`speaker.cause.${group.cause}`)}: {t(`speaker.filledFrom.${group.filledFrom}`)}
      </p>
      <ul className={styles.gaps}>
        {group.gaps.slice(0, GAPS_SHOWN).map(({ fromMs, toMs }) => (
          <li key={fromMs}>
            {t('speaker.gapAt', {
              from: formatPrecise(fromMs),
              to: formatPrecise(toMs),
              length: length(toMs - fromMs),
            })}
          </li>
        ))}
        {more > 0 && <li>{t('speaker.moreGaps', { count: more })}</li>}
      </ul>
    </div>
  )
}

function Drift({ track }: { track: StudioTrack }) {
  const { t } = useTranslation('studio')
  const length = useLengthWords()
  const drift = driftOf(track)
  if (track.tapes.length === 0) return null
  return (
    <p className={studio.soft}>
      {drift === null
        ? t('speaker.noDrift')
        : t(drift.direction === 'fast' ? 'speaker.driftFast' : 'speaker.driftSlow', {
            length: length(drift.msPerHour),
          })}
    </p>
  )
}
