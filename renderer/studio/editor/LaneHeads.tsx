import type { CSSProperties } from 'react'
import { ToggleButton } from 'react-aria-components'
import { useTranslation } from 'react-i18next'
import type { ParticipantId } from '../../../sfu-core/contract/ids.ts'
import type { StudioTrack } from '../../../sfu-core/contract/take-report.ts'
import { useCell } from '../../stage/use-cell.ts'
import { hueOf } from '../../ui/avatar-look.ts'
import { Avatar, cx, Tooltip } from '../../ui/index.ts'
import type { Listening } from './create-editor.ts'
import styles from './editor.module.css'
import { useEditor } from './editor-context.ts'

/** The names beside the waveforms, and whom one listens to. */
export function LaneHeads() {
  const { t } = useTranslation('studio')
  const { desk, edits } = useEditor()
  return (
    <div className={styles.heads}>
      <p className={styles.stageHead} title={t('editor.stageHelp')}>
        {t('editor.stage')}
      </p>
      <ul className={styles.headList} aria-label={t('editor.lanes')}>
        {desk.lanes.map((lane) => (
          <li
            key={lane.participantId}
            data-lane={lane.participantId}
            className={styles.head}
            style={{ '--hue': hueOf(lane.name) } as CSSProperties}
          >
            <LaneHead lane={lane} leftOut={edits.leftOut.includes(lane.participantId)} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function LaneHead({ lane, leftOut }: { lane: StudioTrack; leftOut: boolean }) {
  const { t } = useTranslation('studio')
  const { name, participantId } = lane
  return (
    <>
      <Avatar name={name} size="small" faded={leftOut} />
      <span className={styles.headWords}>
        <span className={styles.headName}>{name}</span>
        {leftOut && <span className={styles.headNote}>{t('speaker.leftOut')}</span>}
      </span>
      <span className={styles.headButtons}>
        <Listen of="silenced" participantId={participantId} label={t('editor.silence', { name })}>
          {t('editor.silenceShort')}
        </Listen>
        <Listen of="solo" participantId={participantId} label={t('editor.solo', { name })}>
          {t('editor.soloShort')}
        </Listen>
      </span>
    </>
  )
}

interface ListenProps {
  of: keyof Listening
  participantId: ParticipantId
  label: string
  children: string
}

function Listen({ of, participantId, label, children }: ListenProps) {
  const { desk } = useEditor()
  const listening = useCell(desk.listening)
  const toggle = () => {
    const next = new Set(listening[of])
    if (!next.delete(participantId)) next.add(participantId)
    desk.listening.set({ ...listening, [of]: next })
  }
  return (
    <Tooltip label={label}>
      <ToggleButton
        className={cx(styles.listen)}
        aria-label={label}
        isSelected={listening[of].has(participantId)}
        onChange={toggle}
      >
        {children}
      </ToggleButton>
    </Tooltip>
  )
}
