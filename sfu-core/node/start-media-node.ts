import process from 'node:process'
import { type Clock, systemClock } from '../clock.ts'
import { createRoomForwarder } from '../forward/create-room-forwarder.ts'
import { createTakeRecorder } from '../record/create-take-recorder.ts'
import { recoverTakes } from '../record/recover-takes.ts'
import { MediaNode, type MediaNodeOptions } from './media-node.ts'
import { markReported, unreportedTakes } from './reported-marks.ts'
import { makeTakeFolder } from './take-folder.ts'

export interface StartMediaNodeOptions extends Omit<MediaNodeOptions, 'clock'> {
  /**
   * Takes lie in `<takesFolder>/<roomId>/<takeId>/`. One node alone writes here: takes that are open in it when the
   * node starts are those of a crash, and are closed.
   */
  takesFolder: string
  clock?: Clock
}

/**
 * Starts a node: closes the takes that a crash left open, then opens the line to the server and runs the rooms
 * that the server gives it. `close()` is its end. Trouble goes to `log`; nothing is thrown.
 */
export function startMediaNode(options: StartMediaNodeOptions): MediaNode {
  const { takesFolder, transport, log, clock = systemClock } = options
  const onUnreadable = (folder: string, error: unknown) => log.warn({ err: error, folder }, 'a take cannot be read')
  return new MediaNode(
    { ...options, clock },
    {
      createForwarder: ({ audiencePacketMs }) =>
        createRoomForwarder({
          clock,
          fanout: transport.createFanout(),
          audiencePacketMs,
        }),
      startTake: async (start, events) =>
        createTakeRecorder({ ...start, folder: await makeTakeFolder(takesFolder, start), clock, events }),
      takesToReport: async () => {
        await recoverTakes(takesFolder, onUnreadable)
        return unreportedTakes(takesFolder, onUnreadable)
      },
      markReported: (take) => markReported(takesFolder, take),
      usage: processUsage,
    },
  )
}

function processUsage(): { cpuUs: number; residentBytes: number } {
  const { user, system } = process.cpuUsage()
  return { cpuUs: user + system, residentBytes: process.memoryUsage.rss() }
}
