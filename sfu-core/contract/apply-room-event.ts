import type { RoomEvent, RoomState } from './state.ts'

/** How copies of a room's state follow it. Apart from state.ts, so that the page need not load schemas for it. */

export const EMPTY_ROOM_STATE: RoomState = { participants: {}, recording: null }

/** The state after an event. Pure; returns a new object, and the same one where nothing changed. */
export function applyRoomEvent(state: RoomState, event: RoomEvent): RoomState {
  switch (event.type) {
    case 'participant':
      return { ...state, participants: { ...state.participants, [event.participant.id]: event.participant } }
    case 'left': {
      if (!(event.participantId in state.participants)) return state
      const { [event.participantId]: _gone, ...participants } = state.participants
      return { ...state, participants }
    }
    case 'recording':
      return { ...state, recording: event.recording }
    case 'ended':
      return EMPTY_ROOM_STATE
  }
}
