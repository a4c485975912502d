import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { installPageHooks } from './page-hooks.ts'
import { chromiumArgs, chromiumPath, type PersonOptions } from './person.ts'
import { descendantsOf } from './processes.ts'

/** Somebody whose browser keeps what it has (files, cookies) in a folder, so that they can come back with it. */
export interface ReturningPerson extends AsyncDisposable {
  context: BrowserContext
  page: Page
  /** SIGKILL to all of the browser's processes. Answers when, in ms since the Unix epoch. Linux only. */
  kill(): number
}

/** Like openPerson, with the browser's profile in `profileFolder`. */
export async function openReturningPerson(
  options: PersonOptions & { profileFolder: string },
): Promise<ReturningPerson> {
  const before = new Set(descendantsOf(process.pid))
  const context = await chromium.launchPersistentContext(options.profileFolder, {
    executablePath: options.executablePath ?? chromiumPath(),
    args: chromiumArgs(options),
    locale: options.language === 'ja' ? 'ja-JP' : 'en-US',
    viewport: options.viewport ?? { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    bypassCSP: options.clockVoice !== undefined,
  })
  const [browserPid] = descendantsOf(process.pid).filter((pid) => !before.has(pid))
  await context.addInitScript(installPageHooks)
  await options.clockVoice?.install(context)
  return {
    context,
    page: context.pages()[0] ?? (await context.newPage()),
    kill: () => {
      if (browserPid === undefined) throw new Error('the browser has no process')
      const pids = [browserPid, ...descendantsOf(browserPid)]
      const atMs = Date.now()
      for (const pid of pids) killQuietly(pid)
      return atMs
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended with its parent.
  }
}
