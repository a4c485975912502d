import { enableCompileCache } from 'node:module'
import process from 'node:process'
import { COMPILE_CACHE_FOLDER } from './compile-cache.ts'
import { readConfig, warningsFor } from './config.ts'
import { createLog } from './log.ts'
import { onStopSignals, runUntilStopped } from './stopping.ts'

/** The server's process: environment → config → everything started → served until the end. */
await runUntilStopped(async () => {
  const config = readConfig(process.env)
  const log = createLog(config.logLevel, 'server')
  for (const warning of warningsFor(process.env)) log.warn(warning)
  // Loaded only now: a wrong variable is told at once, and the cache is in use.
  enableCompileCache(COMPILE_CACHE_FOLDER)
  const { startEngawa } = await import('./engawa.ts')
  const calledOff = new AbortController()
  const starting = startEngawa({ config, log, signal: calledOff.signal })
  onStopSignals({
    stop: async () => {
      calledOff.abort()
      await (await starting.catch(() => null))?.close()
    },
    log,
  })
  const engawa = await starting.catch((error: unknown) => {
    if (calledOff.signal.aborted) return null
    throw error
  })
  if (engawa === null) return
  const { url, lanUrls } = engawa
  log.info({ url, lanUrls }, `Engawa is ready at ${url}`)
  process.send?.({ type: 'ready', url, lanUrls })
})
