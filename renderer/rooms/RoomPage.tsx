import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useSearch } from 'wouter'
import type { RoomView } from '../../server/contract/views.ts'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import type { Failure } from '../app/api-error.ts'
import { LoadedContent, useReasonWords } from '../app/FailureNotice.tsx'
import { focusPageHeading, useScreenTitle } from '../app/screen.ts'
import { serverConnection } from '../app/server-connection.ts'
import { type LoadHandle, useLoad } from '../app/use-load.ts'
import { StageScreen } from '../stage/StageScreen.tsx'
import { useConnection } from '../stores/connection.ts'
import { usePresence } from '../stores/presence.ts'
import { ErrorState, LinkButton } from '../ui/index.ts'
import { type Entry, recallEntry } from './entry-memory.ts'
import { InviteCodeForm } from './InviteCodeForm.tsx'
import { Lobby } from './Lobby.tsx'
import { useRememberedEntry } from './use-remembered-entry.ts'

/** Before entering, the room is looked at this often: it may go live, and the figures change. */
const LOOK_INTERVAL_MS = 5_000
/** An ended room may go live again, but seldom does while somebody looks. */
const LOOK_INTERVAL_ENDED_MS = 30_000

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
  useLooking(handle, onStage ? null : room?.status === 'ended' ? LOOK_INTERVAL_ENDED_MS : LOOK_INTERVAL_MS)

  // The last word of a session stays on screen, but it is no reason to come back by itself.
  const over = usePresence(({ phase }) => phase === 'left')
  useRememberedEntry(roomId, over ? null : entry)
  const notLive = room !== null && room.status !== 'live'
  useEffect(() => {
    // Whatever goes live here later is entered by a press of the button.
    if (notLive) setEntry(null)
  }, [notLive])

  const enter = (next: Entry) => {
    setLeftBy(null)
    setEntry(next)
  }
  const { reload } = handle
  const leave = useCallback(
    (reason: ReasonCode | null) => {
      setEntry(null)
      setLeftBy(reason)
      reload()
    },
    [reload],
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

function getRoom(roomId: RoomId, invite: string | null): Promise<RoomView> {
  return serverConnection().client.rooms.get.query({ roomId, ...(invite !== null && { invite }) })
}

/** What stands in place of a room that one may not see; null for failures that trying again may mend. */
function closedRoom(failure: Failure, roomId: RoomId): ReactNode {
  if (failure.reason === 'invite-needed') return <InviteCodeForm roomId={roomId} />
  // `input-invalid`: an address that cannot be a room's.
  if (failure.reason === 'room-not-found' || failure.reason === 'input-invalid') return <NoSuchRoom />
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

/** `intervalMs` null: not at all. */
function useLooking({ reload }: LoadHandle<RoomView>, intervalMs: number | null): void {
  useEffect(() => {
    if (intervalMs === null) return
    const look = () => document.visibilityState === 'visible' && useConnection.getState().line === 'online' && reload()
    const timer = setInterval(look, intervalMs)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }, [intervalMs, reload])
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
