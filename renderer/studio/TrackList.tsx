import { Download } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { TakeTrack } from '../../sfu-core/contract/take.ts'
import { formatLength, samplesToMs } from '../app/format.ts'
import { Avatar, Card, DownloadButton } from '../ui/index.ts'
import styles from './studio.module.css'
import { TrackPlayer } from './TrackPlayer.tsx'
import { type MyTake, stateOf } from './take-facts.ts'
import { type TakeFiles, useTakeFiles } from './take-files.ts'

/** Each speaker's tracks, with a player where the server has the files. */
export function TrackList({ take }: { take: MyTake }) {
  const tracks = take.manifest.tracks.toSorted((a, b) => a.offsetSamples - b.offsetSamples)
  return (
    <Card padding="none">
      {stateOf(take) === 'ready' ? (
        <PlayableTracks take={take} tracks={tracks} />
      ) : (
        <Rows tracks={tracks} files={null} />
      )}
    </Card>
  )
}

function PlayableTracks({ take, tracks }: { take: MyTake; tracks: readonly TakeTrack[] }) {
  const { loaded } = useTakeFiles(take.takeId)
  return <Rows tracks={tracks} files={loaded.state === 'ready' ? loaded.value : null} />
}

function Rows({ tracks, files }: { tracks: readonly TakeTrack[]; files: TakeFiles | null }) {
  return (
    <ul className={styles.list}>
      {tracks.map((track) => (
        <li key={track.file} className={styles.track}>
          <TrackRow track={track} files={files} />
        </li>
      ))}
    </ul>
  )
}

function TrackRow({ track, files }: { track: TakeTrack; files: TakeFiles | null }) {
  const { t } = useTranslation('studio')
  const offsetMs = samplesToMs(track.offsetSamples)
  return (
    <>
      <div className={styles.trackHead}>
        <Avatar name={track.name} />
        <span className={styles.rowWords}>
          <span className={styles.rowTitle}>{track.name}</span>
          <span className={styles.soft}>
            {t('take.length', { length: formatLength(samplesToMs(track.lengthSamples)) })}
            {offsetMs >= 1_000 && ` · ${t('take.startsAt', { time: formatLength(offsetMs) })}`}
          </span>
        </span>
        {files !== null && (
          <DownloadButton
            href={files.track(track.file)}
            size="small"
            icon={<Download aria-hidden="true" />}
            ariaLabel={t('take.downloadOne', { name: track.name })}
          >
            {t('take.download')}
          </DownloadButton>
        )}
      </div>
      {files !== null && <TrackPlayer src={files.track(track.file)} label={t('take.play', { name: track.name })} />}
    </>
  )
}
