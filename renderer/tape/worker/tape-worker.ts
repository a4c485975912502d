import { DesktopStore } from './desktop-store.ts'
import { loadFlac } from './flac-codec.ts'
import { JournalsApartStore } from './journals-apart-store.ts'
import { MemoryStore } from './memory-store.ts'
import type { FromTapeWorker, ToTapeWorker } from './messages.ts'
import { OpfsStore } from './opfs-store.ts'
import { PageLine } from './page-line.ts'
import { saveTape } from './save-tape.ts'
import { SpillingStore } from './spilling-store.ts'
import { TapeKeeper } from './tape-keeper.ts'
import type { TapeStore } from './tape-store.ts'
import { workerClock } from './worker-clock.ts'

/** The entry of the worker that keeps a page's tapes. Its page is renderer/tape/page-tapes.ts. */

const post = (message: FromTapeWorker) => self.postMessage(message)

interface Started {
  line: PageLine
  keeper: TapeKeeper
}

/** Web Locks: gone with the worker, however it ends. */
function exclusively(tapeId: string, hold: () => Promise<void>): void {
  navigator.locks.request(`engawa:tape:${tapeId}`, hold).catch((error: unknown) => reportError(error))
}

/** In the desktop app FLAC files in its folder, and the journals in the browser's own; elsewhere, or where the app has none, all there. */
async function openStore(desktop: MessagePort | null): Promise<TapeStore> {
  const [files, opfs] = await Promise.all([desktop === null ? null : DesktopStore.open(desktop), OpfsStore.open()])
  if (files === null) return opfs ?? new MemoryStore()
  return opfs === null ? files : new JournalsApartStore({ files, journals: opfs })
}

async function start(serverUrl: string, desktop: MessagePort | null): Promise<Started> {
  const store = new SpillingStore(await openStore(desktop))
  const line = new PageLine(serverUrl, (id, ask) => post({ type: 'ask', id, ask }))
  const keeper = new TapeKeeper({
    store,
    server: line.server,
    serverUrl,
    clock: workerClock,
    random: Math.random,
    exclusively,
    onTapes: (tapes) => post({ type: 'tapes', tapes }),
    onLost: (tapeId) => post({ type: 'lost', tapeId }),
  })
  void keeper.takeLeftovers()
  // Ahead of the first chunk: the network may be away by then.
  loadFlac().catch(() => undefined)
  return { line, keeper }
}

let started: Promise<Started> | null = null

async function heed(message: ToTapeWorker): Promise<void> {
  if (message.type === 'start') {
    started ??= start(message.serverUrl, message.desktop)
    return
  }
  if (started === null) throw new Error('`start` comes first')
  const { line, keeper } = await started
  switch (message.type) {
    case 'begin':
      return keeper.begin(message.beginning, message.feed)
    case 'finish':
      return keeper.finish(message.tapeId, message.end)
    case 'suspended':
      return keeper.suspended(message.tapeId)
    case 'online':
      return keeper.online()
    case 'answer':
      return line.answered(message.id, message.answer)
    case 'save':
      return save(keeper, message)
    case 'discard':
      return keeper.discard(message.tapeId)
  }
}

async function save(keeper: TapeKeeper, { id, tapeId, file }: Extract<ToTapeWorker, { type: 'save' }>): Promise<void> {
  try {
    post({ type: 'saved', id, blob: await saveTape(keeper.filesOf(tapeId), file) })
  } catch (error) {
    post({ type: 'save-failed', id, detail: String(error) })
  }
}

self.onmessage = ({ data }: MessageEvent<ToTapeWorker>) => void heed(data)
