import { buildDesktop } from './desktop.ts'
import { buildWeb } from './web.ts'

/** Vitest's global setup: no test meets a page or a desktop bundle older than its sources. */
export async function setup(): Promise<void> {
  await buildWeb()
  await buildDesktop()
}
