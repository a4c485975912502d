import type { RoomView } from '../../server/contract/views.ts'

/**
 * Where a room's recordings end up. A room that runs on its host's computer is recorded there (`onBoth`); what the speakers'
 * own computers record goes to the server, unless all is kept at the host's (`atHost`).
 */
export type KeptPlace = 'onServer' | 'onBoth' | 'atHost'

/** Pure. */
export function keptPlace({ hosting, recordingsKept }: Pick<RoomView, 'hosting' | 'recordingsKept'>): KeptPlace {
  if (recordingsKept === 'host') return 'atHost'
  return hosting === 'relay' ? 'onServer' : 'onBoth'
}
