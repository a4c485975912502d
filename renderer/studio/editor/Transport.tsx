import { FastForward, Keyboard, Maximize2, Pause, Play, Redo2, Rewind, Undo2, ZoomIn, ZoomOut } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keptRanges } from '../../../sfu-core/contract/edits.ts'
import { formatLength } from '../../app/format.ts'
import { useCell } from '../../stage/use-cell.ts'
import { IconButton } from '../../ui/index.ts'
import { formatPrecise } from '../times.ts'
import type { Commands } from './commands.ts'
import styles from './editor.module.css'
import { useEditor } from './editor-context.ts'
import { KeysDialog } from './KeysDialog.tsx'
import { lengthOf } from './ranges.ts'

/** Playing, the position, undoing, zooming. */
export function Transport({ commands }: { commands: Commands }) {
  const { t } = useTranslation('studio')
  const [helping, setHelping] = useState(false)
  return (
    <div className={styles.transport}>
      <div className={styles.group}>
        <IconButton label={t('editor.back5')} icon={<Rewind />} onPress={() => commands.moveBy(-5_000)} />
        <PlayButton commands={commands} />
        <IconButton label={t('editor.forward5')} icon={<FastForward />} onPress={() => commands.moveBy(5_000)} />
      </div>
      <Times />
      <div className={styles.groupEnd}>
        <History commands={commands} />
        <IconButton label={t('editor.zoomOut')} shortcut="−" icon={<ZoomOut />} onPress={() => commands.zoom('out')} />
        <IconButton label={t('editor.zoomIn')} shortcut="+" icon={<ZoomIn />} onPress={() => commands.zoom('in')} />
        <IconButton
          label={t('editor.zoomFit')}
          shortcut="0"
          icon={<Maximize2 />}
          onPress={() => commands.zoom('fit')}
        />
        <IconButton label={t('editor.keys')} icon={<Keyboard />} onPress={() => setHelping(true)} />
      </div>
      <KeysDialog open={helping} onClose={() => setHelping(false)} />
    </div>
  )
}

function PlayButton({ commands }: { commands: Commands }) {
  const { t } = useTranslation('studio')
  const { desk } = useEditor()
  const state = useCell(desk.player.state)
  const isPlaying = state === 'playing' || state === 'waiting'
  return (
    <IconButton
      label={t(isPlaying ? 'editor.pause' : 'editor.play')}
      icon={isPlaying ? <Pause /> : <Play />}
      variant="primary"
      size="large"
      tooltip={false}
      onPress={commands.togglePlay}
    />
  )
}

function History({ commands }: { commands: Commands }) {
  const { t } = useTranslation('studio')
  const { canUndo, canRedo } = useEditor()
  return (
    <>
      <IconButton label={t('editor.undo')} icon={<Undo2 />} onPress={commands.undo} disabled={!canUndo} />
      <IconButton label={t('editor.redo')} icon={<Redo2 />} onPress={commands.redo} disabled={!canRedo} />
    </>
  )
}

/** The state of playing is told when it lasts: each press waits for a moment. */
const WAITING_TOLD_AFTER_MS = 700

function Times() {
  const { t } = useTranslation('studio')
  const { desk, edits } = useEditor()
  const mixMs = lengthOf(keptRanges(edits, desk.lengthMs))
  return (
    <div className={styles.times}>
      <p>
        <PositionText /> <span className={styles.timesSoft}>/ {formatLength(desk.lengthMs)}</span>
      </p>
      <p className={styles.timesSoft}>
        {t('editor.mixLength', { length: formatLength(mixMs) })} <PlayTrouble />
      </p>
    </div>
  )
}

/** Written outside of React: ten times a second while it plays. */
function PositionText() {
  const { desk } = useEditor()
  const text = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    const write = () => {
      const words = formatPrecise(desk.positionMs.get())
      if (text.current !== null && text.current.textContent !== words) text.current.textContent = words
    }
    write()
    return desk.positionMs.subscribe(write)
  }, [desk])
  return <span ref={text} className={styles.position} />
}

function PlayTrouble() {
  const { t } = useTranslation('studio')
  const { desk } = useEditor()
  const state = useCell(desk.player.state)
  const [told, setTold] = useState(false)
  useEffect(() => {
    setTold(false)
    if (state !== 'waiting') return
    const timer = setTimeout(() => setTold(true), WAITING_TOLD_AFTER_MS)
    return () => clearTimeout(timer)
  }, [state])
  return (
    <span role="status">
      {state === 'failed' && t('editor.playFailed')}
      {state === 'waiting' && told && t('editor.waiting')}
    </span>
  )
}
