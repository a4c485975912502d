import { powerSaveBlocker } from 'electron'
import { roomsHere } from '../contract/bridge.ts'
import type { SfuSupervisor } from './supervisor/supervisor.ts'

/** While a room is open here the computer does not go to sleep by itself. The screen may. */
export function stayAwakeWhileHosting(supervisor: SfuSupervisor): void {
  let blocker: number | null = null
  supervisor.onStatus((status) => {
    const wanted = roomsHere(status) > 0
    if (wanted && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension')
    if (!wanted && blocker !== null) {
      powerSaveBlocker.stop(blocker)
      blocker = null
    }
  })
}
