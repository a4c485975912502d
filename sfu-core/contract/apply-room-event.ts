import { DEFAULT_AUDIENCE_PACKET_MS } from './media.ts'
import type { Participant, RoomEvent, RoomState } from './state.ts'

/** How copies of a room's state follow it. Apart from state.ts, so that the page need not load schemas for it. */

export const EMPTY_ROOM_STATE: RoomState = {
  participants: {},
  recording: null,
  audiencePacketMs: DEFAULT_AUDIENCE_PACKET_MS,
}

/** The state after an event. Pure; returns a new object, and the same one where nothing changed. */
export function applyRoomEvent(state: RoomState, event: RoomEvent): RoomState {
  return applyRoomEvents(state, [event])
}

/**
 * The state after the events of a publication, in order. Pure; returns a new object, and the same one where nothing
 * changed. The people are copied once for all events: a big room's are many.
 */
export function applyRoomEvents(state: RoomState, events: readonly RoomEvent[]): RoomState {
  const people = new PeopleDraft(state.participants)
  let { recording, audiencePacketMs } = state
  for (const event of events) {
    switch (event.type) {
      case 'participant':
        people.put(event.participant)
        break
      case 'left':
        people.drop(event.participantId)
        break
      case 'recording':
        recording = event.recording
        break
      case 'audience-packet':
        audiencePacketMs = event.audiencePacketMs
        break
      case 'ended':
        people.clear()
        recording = null
        break
    }
  }
  const participants = people.finish()
  const same =
    participants === state.participants && recording === state.recording && audiencePacketMs === state.audiencePacketMs
  return same ? state : { participants, recording, audiencePacketMs }
}

/** Copies at the first change. A Map, because an id of a hostile node may be `__proto__`. */
class PeopleDraft {
  readonly #before: RoomState['participants']
  #people: Map<string, Participant> | null = null

  constructor(before: RoomState['participants']) {
    this.#before = before
  }

  put(participant: Participant): void {
    this.#copy().set(participant.id, participant)
  }

  drop(participantId: string): void {
    if (this.#people?.has(participantId) ?? Object.hasOwn(this.#before, participantId)) {
      this.#copy().delete(participantId)
    }
  }

  clear(): void {
    this.#people = new Map()
  }

  finish(): RoomState['participants'] {
    return this.#people ? Object.fromEntries(this.#people) : this.#before
  }

  #copy(): Map<string, Participant> {
    this.#people ??= new Map(Object.entries(this.#before))
    return this.#people
  }
}
