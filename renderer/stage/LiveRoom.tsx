import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import type { Participant } from '../../sfu-core/contract/state.ts'
import { useScreenTitle } from '../app/screen.ts'
import { VisuallyHidden } from '../ui/index.ts'
import { Audience } from './Audience.tsx'
import { ConnectionBanner } from './ConnectionBanner.tsx'
import { ConsentDialogs } from './ConsentDialogs.tsx'
import { ControlBar } from './ControlBar.tsx'
import { DevicesDialog } from './DevicesDialog.tsx'
import { HandQueue } from './HandQueue.tsx'
import { LazyRecordingStrip } from './LazyRecordingStrip.tsx'
import { ListenPrompt } from './ListenPrompt.tsx'
import { MicrophoneTrouble } from './MicrophoneTrouble.tsx'
import { Speakers } from './Speakers.tsx'
import { SpeakerTrouble } from './SpeakerTrouble.tsx'
import { StageHeader } from './StageHeader.tsx'
import styles from './stage.module.css'
import { useView } from './stage-context.ts'
import { stageModel } from './stage-model.ts'
import { useAnnouncements } from './use-announcements.ts'

/** The room while one is in it. */
export function LiveRoom({ onLeave }: { onLeave: (reason: ReasonCode) => void }) {
  const { room, people, selfId } = useView()
  const model = useMemo(() => stageModel(people, selfId), [people, selfId])
  useScreenTitle(useTabTitle(room.title, model.me))
  const [devicesOpen, setDevicesOpen] = useState(false)
  return (
    <div className={styles.room}>
      <Announcer />
      <StageHeader model={model} onLeave={() => onLeave('left')} />
      <ConnectionBanner me={model.me} />
      <ListenPrompt />
      <MicrophoneTrouble onDevices={() => setDevicesOpen(true)} />
      <SpeakerTrouble onDevices={() => setDevicesOpen(true)} />
      <LazyRecordingStrip model={model} />
      <div className={styles.columns}>
        <Speakers model={model} />
        <div className={styles.side}>
          {model.moderating && <HandQueue hands={model.hands} />}
          <Audience model={model} />
        </div>
      </div>
      <ControlBar model={model} onDevices={() => setDevicesOpen(true)} />
      <ConsentDialogs me={model.me} />
      <DevicesDialog open={devicesOpen} onClose={() => setDevicesOpen(false)} />
    </div>
  )
}

/** On stage the tab says whether one is heard: people look there from other tabs. */
function useTabTitle(title: string, me: Participant | null): string {
  const { t } = useTranslation('stage')
  if (!me?.onStage) return title
  return me.muted ? t('tab.muted', { title }) : t('tab.open', { title })
}

function Announcer() {
  const words = useAnnouncements()
  return (
    <VisuallyHidden>
      <span role="status" aria-live="polite">
        {words}
      </span>
    </VisuallyHidden>
  )
}
