import { Download } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { StudioTakeView } from '../../../server/contract/views.ts'
import type { TakeTrack } from '../../../sfu-core/contract/take.ts'
import type { StudioTrack, TakeReport } from '../../../sfu-core/contract/take-report.ts'
import { FailureNotice } from '../../app/FailureNotice.tsx'
import { localeOf } from '../../app/format.ts'
import { Disclosure, Switch } from '../../ui/forms.ts'
import { Avatar, Badge, Card, DownloadButton } from '../../ui/index.ts'
import { formatBytes } from '../exports/job-facts.ts'
import studio from '../studio.module.css'
import { TrackPlayer } from '../TrackPlayer.tsx'
import type { TakeFiles } from '../take-files.ts'
import { useLeaveOut } from '../use-leave-out.ts'
import { useLengthWords } from '../use-lengths.ts'
import styles from './report.module.css'
import { trackFacts } from './report-facts.ts'
import { TrackDetails } from './TrackDetails.tsx'

interface SpeakerListProps {
  view: StudioTakeView
  report: TakeReport
  files: TakeFiles | null
  put: (view: StudioTakeView) => void
}

/** Each speaker: how lossless, what to download, and whether they are in the mix. */
export function SpeakerList({ view, report, files, put }: SpeakerListProps) {
  const { t } = useTranslation('studio')
  const leaveOut = useLeaveOut({ view, put })
  const speakers = [...Map.groupBy(report.tracks, ({ participantId }) => participantId)]
  return (
    <section className={studio.section} aria-labelledby="speakers">
      <h2 id="speakers" className={studio.sectionTitle}>
        {t('take.tracks')}
      </h2>
      <FailureNotice failure={leaveOut.failure} />
      <Card padding="none">
        {speakers.length === 0 ? (
          <p className={styles.nobody}>{t('take.noTracks')}</p>
        ) : (
          <ul className={studio.list}>
            {speakers.map(([participantId, tracks]) => (
              <li key={participantId} className={studio.track}>
                <Speaker
                  tracks={tracks}
                  heard={view.take.manifest.tracks.filter((track) => track.participantId === participantId)}
                  files={files}
                  downloadable={view.take.downloadable}
                  leftOut={view.edits.leftOut.includes(participantId)}
                  onLeaveOut={(leftOut) => leaveOut.run(participantId, leftOut)}
                />
              </li>
            ))}
          </ul>
        )}
      </Card>
    </section>
  )
}

interface SpeakerProps {
  tracks: readonly StudioTrack[]
  heard: readonly TakeTrack[]
  files: TakeFiles | null
  downloadable: boolean
  leftOut: boolean
  onLeaveOut: (leftOut: boolean) => void
}

function Speaker({ tracks, heard, files, downloadable, leftOut, onLeaveOut }: SpeakerProps) {
  const { t } = useTranslation('studio')
  const name = tracks[0]?.name ?? ''
  return (
    <>
      <div className={studio.trackHead}>
        <Avatar name={name} faded={leftOut} />
        <span className={studio.rowWords}>
          <span className={studio.rowTitle}>
            {name} {leftOut && <Badge>{t('speaker.leftOut')}</Badge>}
          </span>
          {tracks.map((track) => (
            <Share key={track.file} track={track} />
          ))}
        </span>
        {files !== null && <Downloads tracks={tracks} heard={downloadable ? heard : []} files={files} />}
      </div>
      {files !== null && tracks[0] !== undefined && (
        <TrackPlayer src={files.studio(tracks[0].file)} label={t('speaker.play', { name })} />
      )}
      <Switch
        label={t('speaker.leaveOut')}
        ariaLabel={t('speaker.leaveOutLabel', { name })}
        on={leftOut}
        onChange={onLeaveOut}
      />
      {tracks.map((track) => (
        <div key={track.file} className={styles.disclosure}>
          <Disclosure label={t(track.gaps.length > 0 ? 'speaker.details' : 'speaker.detailsPlain')}>
            <TrackDetails track={track} />
          </Disclosure>
        </div>
      ))}
    </>
  )
}

interface DownloadsProps {
  tracks: readonly StudioTrack[]
  heard: readonly TakeTrack[]
  files: TakeFiles
}

function Downloads({ tracks, heard, files }: DownloadsProps) {
  return (
    <div className={studio.buttons}>
      {tracks.map((track) => (
        <Lossless key={track.file} track={track} files={files} />
      ))}
      {heard.map((track, index) => (
        <Heard key={track.file} track={track} files={files} part={heard.length > 1 ? index + 1 : null} />
      ))}
    </div>
  )
}

/** "Lossless", or how much of it and what is not. */
function Share({ track }: { track: StudioTrack }) {
  const { t } = useTranslation('studio')
  const length = useLengthWords()
  const { outcome, losslessPercent, gapCount, gapMs } = trackFacts(track)
  const source = track.source === 'unprocessed' ? ` · ${t('speaker.unprocessed')}` : ''
  if (outcome === 'absent') return <span className={studio.soft}>{t('speaker.absent')}</span>
  if (outcome === 'whole') {
    return (
      <span className={styles.whole}>
        {t('speaker.lossless')}
        {source}
      </span>
    )
  }
  const share =
    outcome === 'room-only' ? t('speaker.roomOnly') : t('speaker.losslessShare', { percent: losslessPercent })
  return (
    <span className={studio.soft}>
      {share} · {t('speaker.gaps', { count: gapCount, length: length(gapMs) })}
      {source}
    </span>
  )
}

function Lossless({ track, files }: { track: StudioTrack; files: TakeFiles }) {
  const { t, i18n } = useTranslation('studio')
  const size = formatBytes(track.sizeBytes, localeOf(i18n.language, navigator.languages))
  return (
    <DownloadButton
      href={files.studio(track.file)}
      size="small"
      icon={<Download aria-hidden="true" />}
      ariaLabel={t('speaker.downloadLabel', { name: track.name, size })}
    >
      {t('speaker.download')}
    </DownloadButton>
  )
}

/** After a reload a speaker has another track of the room's: they are numbered. */
function Heard({ track, files, part }: { track: TakeTrack; files: TakeFiles; part: number | null }) {
  const { t } = useTranslation('studio')
  const { name } = track
  return (
    <DownloadButton
      href={files.track(track.file)}
      size="small"
      variant="quiet"
      ariaLabel={part === null ? t('speaker.roomLabel', { name }) : t('speaker.roomPartLabel', { name, part })}
    >
      {part === null ? t('speaker.room') : t('speaker.roomPart', { part })}
    </DownloadButton>
  )
}
