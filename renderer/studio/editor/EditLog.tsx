import { Bookmark, Scissors, Trash2, VolumeX } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { TITLE_MAX_CHARS } from '../../../sfu-core/contract/limits.ts'
import { Card, IconButton, TextField } from '../../ui/index.ts'
import studio from '../studio.module.css'
import { formatPrecise } from '../times.ts'
import { useLengthWords } from '../use-lengths.ts'
import type { Commands } from './commands.ts'
import styles from './editor.module.css'
import { useEditor } from './editor-context.ts'
import type { Edit } from './edits.ts'

/** Every edit in words, to go to and to take back. */
export function EditLog({ commands }: { commands: Commands }) {
  const { t } = useTranslation('studio')
  const { edits } = useEditor()
  const isEmpty = edits.cuts.length + edits.mutes.length === 0 && edits.trimStartMs === null && edits.trimEndMs === null
  return (
    <section className={studio.section} aria-labelledby="edit-log">
      <h2 id="edit-log" tabIndex={-1} className={studio.sectionTitle}>
        {t('editor.log.title')}
      </h2>
      <Card padding="none">
        {isEmpty && <p className={styles.empty}>{t('editor.log.empty')}</p>}
        <ul className={studio.list} aria-label={t('editor.log.cuts')}>
          <Trims commands={commands} />
          <Cuts commands={commands} />
          <Mutes commands={commands} />
        </ul>
      </Card>
      <Markers commands={commands} />
    </section>
  )
}

interface RowProps {
  icon: ReactNode
  words: string
  atMs: number
  commands: Commands
  remove: Edit
  children?: ReactNode
}

function Row({ icon, words, atMs, commands, remove, children }: RowProps) {
  const { t } = useTranslation('studio')
  const { edit } = useEditor()
  return (
    <li className={styles.logRow}>
      <span className={styles.logIcon} aria-hidden="true">
        {icon}
      </span>
      {children ?? (
        <button type="button" className={styles.logWords} onClick={() => commands.moveTo(atMs)}>
          {words}
        </button>
      )}
      <IconButton
        label={t('editor.log.removeLabel', { what: words })}
        icon={<Trash2 />}
        size="small"
        tooltip={false}
        onPress={() => {
          edit(remove)
          document.getElementById('edit-log')?.focus()
        }}
      />
    </li>
  )
}

function Trims({ commands }: { commands: Commands }) {
  const { t } = useTranslation('studio')
  const { trimStartMs, trimEndMs } = useEditor().edits
  const icon = <Scissors />
  return (
    <>
      {trimStartMs !== null && (
        <Row
          icon={icon}
          words={t('editor.log.trimStart', { at: formatPrecise(trimStartMs) })}
          atMs={trimStartMs}
          commands={commands}
          remove={{ type: 'trim-start', atMs: null }}
        />
      )}
      {trimEndMs !== null && (
        <Row
          icon={icon}
          words={t('editor.log.trimEnd', { at: formatPrecise(trimEndMs) })}
          atMs={trimEndMs}
          commands={commands}
          remove={{ type: 'trim-end', atMs: null }}
        />
      )}
    </>
  )
}

function Cuts({ commands }: { commands: Commands }) {
  const words = useRangeWords()
  const { t } = useTranslation('studio')
  return useEditor().edits.cuts.map((cut, index) => (
    <Row
      key={cut.fromMs}
      icon={<Scissors />}
      words={t('editor.log.cut', words(cut))}
      atMs={cut.fromMs}
      commands={commands}
      remove={{ type: 'uncut', index }}
    />
  ))
}

function Mutes({ commands }: { commands: Commands }) {
  const words = useRangeWords()
  const { t } = useTranslation('studio')
  const { edits, desk } = useEditor()
  const nameOf = (id: string) => desk.lanes.find(({ participantId }) => participantId === id)?.name ?? ''
  return edits.mutes.map((mute, index) => (
    <Row
      key={`${mute.participantId} ${mute.fromMs}`}
      icon={<VolumeX />}
      words={t('editor.log.mute', { name: nameOf(mute.participantId), ...words(mute) })}
      atMs={mute.fromMs}
      commands={commands}
      remove={{ type: 'unmute', index }}
    />
  ))
}

function useRangeWords(): (range: { fromMs: number; toMs: number }) => { from: string; to: string; length: string } {
  const length = useLengthWords()
  return ({ fromMs, toMs }) => ({
    from: formatPrecise(fromMs),
    to: formatPrecise(toMs),
    length: length(toMs - fromMs),
  })
}

function Markers({ commands }: { commands: Commands }) {
  const { t } = useTranslation('studio')
  const { edits, edit, dispatch } = useEditor()
  return (
    <>
      <div>
        <h3 className={styles.subtitle}>{t('editor.log.markers')}</h3>
        <p className={studio.soft}>{t('editor.log.markersHelp')}</p>
      </div>
      {edits.markers.length > 0 && (
        <Card padding="none">
          <ul className={studio.list}>
            {edits.markers.map(({ atMs, text }, index) => {
              const at = formatPrecise(atMs)
              return (
                <Row
                  // biome-ignore lint/suspicious/noArrayIndexKey: two markers may be alike; a field keeps its focus while it is typed in
                  key={`${index} ${atMs}`}
                  icon={<Bookmark />}
                  words={t('editor.log.markerAt', { at })}
                  atMs={atMs}
                  commands={commands}
                  remove={{ type: 'delete-marker', index }}
                >
                  <button
                    type="button"
                    className={styles.logTime}
                    aria-label={t('editor.log.go', { at })}
                    onClick={() => commands.moveTo(atMs)}
                  >
                    {at}
                  </button>
                  <div className={styles.logField}>
                    <TextField
                      label={t('editor.log.markerText', { at })}
                      hideLabel
                      value={text}
                      onChange={(next) => edit({ type: 'rename-marker', index, text: next })}
                      placeholder={t('editor.log.markerPlaceholder')}
                      maxLength={TITLE_MAX_CHARS}
                      onBlur={() => dispatch({ type: 'pause' })}
                    />
                  </div>
                </Row>
              )
            })}
          </ul>
        </Card>
      )}
    </>
  )
}
