import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useSearch } from 'wouter'
import type { RoomView } from '../../server/contract/views.ts'
import { type RoomId, roomIdSchema } from '../../sfu-core/contract/ids.ts'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import type { Failure } from '../app/api-error.ts'
import { LoadedContent, useReasonWords } from '../app/FailureNotice.tsx'
import { focusPageHeading, useScreenTitle } from '../app/screen.ts'
import { serverConnection } from '../app/server-connection.ts'
import { type LoadHandle, useLoad } from '../app/use-load.ts'
import { StageScreen } from '../stage/StageScreen.tsx'
import { useConnection } from '../stores/connection.ts'
import { ErrorState, LinkButton } from '../ui/index.ts'
import { type Entry, forgetEntry, recallEntry, rememberEntry } from './entry-memory.ts'
import { InviteCodeForm } from './InviteCodeForm.tsx'
import { Lobby } from './Lobby.tsx'

/** Before entering, the room is looked at this often: it may go live, and the figures change. */
const LOOK_INTERVAL_MS = 5_000

/** A room: its entry, and once entered, its stage. */
export function RoomPage({ roomId: wanted }: { roomId: string }) {
  const { t } = useTranslation('rooms')
  const roomId = wanted as RoomId
  const invite = new URLSearchParams(useSearch()).get('invite') || null
  const handle = useLoad(`room ${roomId} ${invite}`, () => getRoom(roomId, invite))
  const [entry, setEntry] = useState<Entry | null>(() => recallEntry(roomId))
  const [leftBy, setLeftBy] = useState<ReasonCode | null>(null)
  const room = handle.loaded.state === 'ready' ? handle.loaded.value : null
  const onStage = entry !== null && room?.status === 'live'
  useScreenTitle(room?.title ?? '')
  useLooking(handle, !onStage && room?.status !== 'ended')

  const enter = (next: Entry) => {
    rememberEntry(roomId, next)
    setLeftBy(null)
    setEntry(next)
  }
  const { reload } = handle
  const leave = useCallback(
    (reason: ReasonCode | null) => {
      forgetEntry(roomId)
      setEntry(null)
      setLeftBy(reason)
      reload()
    },
    [roomId, reload],
  )
  useLeaveWithIdentity(onStage, leave)
  useFocusOnChange(onStage)

  return (
    <LoadedContent
      handle={handle}
      loadingLabel={t('page.loading')}
      screen
      onFailure={(failure) => closedRoom(failure, roomId)}
    >
      {(loaded) =>
        entry !== null && loaded.status === 'live' ? (
          <StageScreen
            roomId={roomId}
            room={loaded}
            invite={invite ?? undefined}
            name={entry.name ?? undefined}
            onLeave={leave}
          />
        ) : (
          <Lobby room={loaded} leftBy={leftBy} onEnter={enter} onChanged={handle.put} />
        )
      }
    </LoadedContent>
  )
}

async function getRoom(roomId: RoomId, invite: string | null): Promise<RoomView> {
  // An address that cannot be a room's need not be asked for; the server answers the same.
  const known = roomIdSchema.safeParse(roomId)
  return serverConnection().client.rooms.get.query({
    roomId: known.success ? known.data : ('-' as RoomId),
    ...(invite !== null && { invite }),
  })
}

/** What stands in place of a room that one may not see; null for failures that trying again may mend. */
function closedRoom(failure: Failure, roomId: RoomId): ReactNode {
  if (failure.reason === 'invite-needed') return <InviteCodeForm roomId={roomId} />
  if (failure.reason === 'room-not-found') return <NoSuchRoom />
  return null
}

function NoSuchRoom() {
  const { t } = useTranslation()
  const words = useReasonWords('room-not-found')
  useScreenTitle(words.title)
  return (
    <ErrorState title={words.title} screen action={<LinkButton href="/">{t('toRooms')}</LinkButton>}>
      {words.help}
    </ErrorState>
  )
}

function useLooking({ reload }: LoadHandle<RoomView>, active: boolean): void {
  useEffect(() => {
    if (!active) return
    const look = () => document.visibilityState === 'visible' && useConnection.getState().line === 'online' && reload()
    const timer = setInterval(look, LOOK_INTERVAL_MS)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }, [active, reload])
}

/** Who signs in or out in a room is somebody else from then on: back to the entry. */
function useLeaveWithIdentity(onStage: boolean, leave: (reason: ReasonCode | null) => void): void {
  const identity = useConnection((state) => state.identity)
  const entered = useRef(identity)
  useEffect(() => {
    if (entered.current === identity) return
    entered.current = identity
    if (onStage) leave('left')
  }, [identity, onStage, leave])
}

function useFocusOnChange(onStage: boolean): void {
  const shown = useRef(onStage)
  const [path] = useLocation()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of path is looked after by App
  useEffect(() => {
    if (shown.current === onStage) return
    shown.current = onStage
    return focusPageHeading()
  }, [onStage, path])
}
