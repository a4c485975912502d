import { ArrowLeftToLine, ArrowRightToLine, Bookmark, Headphones, Scissors, VolumeX, X, ZoomIn } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useCell } from '../../stage/use-cell.ts'
import { Button, IconButton, Menu } from '../../ui/index.ts'
import { formatPrecise } from '../times.ts'
import { useLengthWords } from '../use-lengths.ts'
import type { Commands } from './commands.ts'
import styles from './editor.module.css'
import { useEditor } from './editor-context.ts'
import { PreviewPanel } from './PreviewPanel.tsx'
import { usePreview } from './use-preview.ts'

/** What can be done with the selection, and at the position. */
export function SelectionBar({ commands }: { commands: Commands }) {
  const { t } = useTranslation('studio')
  const { desk } = useEditor()
  const selection = useCell(desk.selection)
  const preview = usePreview()
  return (
    <div className={styles.bar}>
      <SelectionWords />
      <div className={styles.fingers}>
        <Button size="small" variant="quiet" onPress={commands.selectFrom}>
          {t('editor.selection.start')}
        </Button>
        <Button size="small" variant="quiet" onPress={commands.selectTo}>
          {t('editor.selection.end')}
        </Button>
        {selection !== null && (
          <>
            <IconButton
              label={t('editor.selection.zoom')}
              icon={<ZoomIn />}
              size="small"
              onPress={commands.zoomToSelection}
            />
            <IconButton
              label={t('editor.selection.clear')}
              icon={<X />}
              size="small"
              onPress={commands.clearSelection}
            />
          </>
        )}
      </div>
      <div className={styles.barButtons}>
        <Button
          size="small"
          icon={<Scissors aria-hidden="true" />}
          onPress={commands.cut}
          disabled={selection === null}
        >
          {t('editor.selection.cut')}
        </Button>
        <Mute commands={commands} />
        <Button size="small" icon={<Bookmark aria-hidden="true" />} onPress={commands.addMarker}>
          {t('editor.selection.marker')}
        </Button>
        <Button
          size="small"
          variant="quiet"
          icon={<ArrowRightToLine aria-hidden="true" />}
          onPress={() => commands.trim('start')}
        >
          {t('editor.selection.trimStart')}
        </Button>
        <Button
          size="small"
          variant="quiet"
          icon={<ArrowLeftToLine aria-hidden="true" />}
          onPress={() => commands.trim('end')}
        >
          {t('editor.selection.trimEnd')}
        </Button>
        <Button
          size="small"
          variant="primary"
          icon={<Headphones aria-hidden="true" />}
          onPress={preview.listen.run}
          pending={preview.listen.pending || preview.isUnderWay}
        >
          {t('editor.preview.listen')}
        </Button>
      </div>
      <PreviewPanel preview={preview} />
    </div>
  )
}

function SelectionWords() {
  const { t } = useTranslation('studio')
  const { desk } = useEditor()
  const length = useLengthWords()
  const selection = useCell(desk.selection)
  if (selection === null) return <p className={styles.barWords}>{t('editor.selection.none')}</p>
  const { fromMs, toMs } = selection
  return (
    <p className={styles.barChosen}>
      {t('editor.selection.words', {
        from: formatPrecise(fromMs),
        to: formatPrecise(toMs),
        length: length(toMs - fromMs),
      })}
    </p>
  )
}

/** The speaker on whose waveform it was drawn; else one chooses. */
function Mute({ commands }: { commands: Commands }) {
  const { t } = useTranslation('studio')
  const { desk } = useEditor()
  const selection = useCell(desk.selection)
  const lane = desk.lanes.find(({ participantId }) => participantId === selection?.participantId)
  const icon = <VolumeX aria-hidden="true" />
  if (lane !== undefined) {
    return (
      <Button size="small" icon={icon} onPress={() => commands.mute(lane.participantId)}>
        {t('editor.selection.mute', { name: lane.name })}
      </Button>
    )
  }
  return (
    <Menu
      label={t('editor.selection.muteMenu')}
      trigger={
        <Button size="small" icon={icon} disabled={selection === null}>
          {t('editor.selection.muteOne')}
        </Button>
      }
      items={desk.lanes.map(({ participantId, name }) => ({ id: participantId, label: name }))}
      onAction={commands.mute}
    />
  )
}
