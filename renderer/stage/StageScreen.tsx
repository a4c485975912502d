import { useEffect } from 'react'
import type { RoomView } from '../../server/contract/views.ts'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import { serverConnection } from '../app/server-connection.ts'
import type { BrowserSession } from '../room-session/browser-session.ts'
import { JoiningScreen } from './JoiningScreen.tsx'
import { LeftScreen } from './LeftScreen.tsx'
import { LiveRoom } from './LiveRoom.tsx'
import { StageContext, useView } from './stage-context.ts'
import { useBrowserSession } from './use-browser-session.ts'

export interface StageScreenProps {
  roomId: RoomId
  room: RoomView
  invite?: string | null | undefined
  /** Guests only; an account's name is its own. */
  name?: string | null | undefined
  /** The person wants to go elsewhere. `left`: by their own wish. */
  onLeave: (reason: ReasonCode) => void
}

/** A live room, from the press of the join button to the last word. Enters when it appears, leaves when it goes. */
export function StageScreen({ room, invite, name, onLeave }: StageScreenProps) {
  const { browser, again } = useBrowserSession({ room, invite: invite ?? null, name: name ?? null })
  useLeaveBeforeIdentityChange(browser)
  if (browser === null) return null
  return (
    <StageContext value={browser}>
      <Phases onLeave={onLeave} onAgain={again} />
    </StageContext>
  )
}

/** Who signs in or out leaves as who they were: the next client could not speak for this seat. */
function useLeaveBeforeIdentityChange(browser: BrowserSession | null): void {
  useEffect(() => {
    if (browser === null) return
    return serverConnection().beforeIdentityChange(() => browser.session.leave())
  }, [browser])
}

function Phases({ onLeave, onAgain }: { onLeave: (reason: ReasonCode) => void; onAgain: () => void }) {
  const { state } = useView()
  switch (state.phase) {
    case 'joining':
      return <JoiningScreen state={state} onCancel={() => onLeave('left')} />
    case 'connected':
    case 'reconnecting':
      return <LiveRoom onLeave={onLeave} />
    case 'left':
      return <LeftScreen reason={state.reason} onAgain={onAgain} onBack={() => onLeave(state.reason)} />
  }
}
