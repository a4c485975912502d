import path from 'node:path'
import { ipcMain, shell, type WebFrameMain } from 'electron'
import * as z from 'zod'
import { takeIdSchema } from '../../sfu-core/contract/ids.ts'
import { IPC } from '../contract/ipc.ts'
import { localRequestSchema } from '../contract/studio.ts'
import type { DesktopConfig } from './config.ts'
import type { Log } from './log.ts'
import { isOwnPage } from './own-page.ts'
import { EXPORTS_FOLDER } from './studio/export-names.ts'
import type { LocalStudio } from './studio/local-studio.ts'
import type { SfuSupervisor } from './supervisor/supervisor.ts'
import { findTakeFolder } from './take-folder.ts'
import { serveTapes } from './tapes/serve-tapes.ts'
import type { TapeFolder } from './tapes/tape-folder.ts'

const NODE_TOKEN_MAX_CHARS = 4_000
const hostingRequestSchema = z.object({
  serverUrl: z.url({ protocol: /^https?$/ }).max(500),
  nodeToken: z.string().min(1).max(NODE_TOKEN_MAX_CHARS),
})

const studioWishSchema = z.object({ takeId: takeIdSchema, request: localRequestSchema })

interface AnswerOptions {
  config: DesktopConfig
  supervisor: SfuSupervisor
  /** Hosting starts after it: two processes must not write the takes at once. Never rejects. */
  takesMended: Promise<void>
  tapes: TapeFolder
  studio: LocalStudio
  log: Log
}

/** Answers what the page asks through the bridge. Each call is checked: who asks, and what. */
export function answerPage({ config, supervisor, takesMended, tapes, studio, log }: AnswerOptions): void {
  handle(IPC.serverUrl, () => config.serverUrl)
  handle(IPC.hostingStart, async (request) => {
    const { serverUrl, nodeToken } = parse(hostingRequestSchema, request)
    // A page that was led astray must not make this computer a node of another server.
    if (new URL(serverUrl).origin !== config.serverUrl) throw new Error('Refused: not the server of this app.')
    await takesMended
    return supervisor.start({ serverUrl: config.serverUrl, nodeToken })
  })
  handle(IPC.hostingStop, () => supervisor.stop())
  handle(IPC.hostingStatus, () => supervisor.status())
  handle(IPC.openTakeFolder, (takeId) => openTakeFolder(config.takesFolder, takeId))
  answerStudio(studio, config.takesFolder)
  ipcMain.on(IPC.tapePort, ({ senderFrame, ports: [port] }) => {
    if (!isOwnTopFrame(senderFrame) || port === undefined) log('tapes: a port that is not of this page was dropped')
    else serveTapes({ port, folder: tapes, log })
  })
}

function answerStudio(studio: LocalStudio, takesFolder: string): void {
  handle(IPC.studioTake, (takeId) => studio.take(parse(takeIdSchema, takeId)))
  handle(IPC.studioStart, (wish) => {
    const { takeId, request } = parse(studioWishSchema, wish)
    return studio.start(takeId, request)
  })
  handle(IPC.studioCancel, (takeId) => studio.cancel(parse(takeIdSchema, takeId)))
  handle(IPC.studioOpenExports, (takeId) => openTakeFolder(takesFolder, takeId, EXPORTS_FOLDER))
}

function handle(channel: string, answer: (argument: unknown) => unknown): void {
  ipcMain.handle(channel, (event, argument: unknown) => {
    if (!isOwnTopFrame(event.senderFrame)) throw new Error('Refused: not the page of this app.')
    return answer(argument)
  })
}

function isOwnTopFrame(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && isOwnPage(frame.url)
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new Error(`Refused: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}

/** `within`: one of its folders. */
async function openTakeFolder(takesFolder: string, takeId: unknown, within = ''): Promise<boolean> {
  const folder = await findTakeFolder(takesFolder, takeId)
  if (folder === null) return false
  return (await shell.openPath(path.join(folder, within))) === ''
}
