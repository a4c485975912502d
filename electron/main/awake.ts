import { powerSaveBlocker } from 'electron'
import type { SfuSupervisor } from './supervisor/supervisor.ts'

/** While rooms are hosted here the computer does not go to sleep by itself. The screen may. */
export function stayAwakeWhileHosting(supervisor: SfuSupervisor): void {
  let blocker: number | null = null
  supervisor.onStatus(({ state }) => {
    const wanted = state === 'hosting' || state === 'restarting'
    if (wanted && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension')
    if (!wanted && blocker !== null) {
      powerSaveBlocker.stop(blocker)
      blocker = null
    }
  })
}
