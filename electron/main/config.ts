import { readFileSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { type RtcConfig, readRtcConfig } from './rtc-config.ts'

/** What decides how the desktop app runs. Read once, at the start. */
export interface DesktopConfig {
  /** Origin of the server, e.g. `http://127.0.0.1:8420`. */
  serverUrl: string
  /** Where the built page is. */
  webFolder: string
  /** Where recordings of rooms hosted here are kept. */
  takesFolder: string
  /** Where this person's own tapes are until the server has them. */
  tapesFolder: string
  windowStateFile: string
  preloadFile: string
  sfuHostFile: string
  studioHostFile: string
  rtc: RtcConfig
  /** Developer tools may be opened. */
  devTools: boolean
}

export interface DesktopPlaces {
  appFolder: string
  userDataFolder: string
  packaged: boolean
}

export const DEFAULT_SERVER_URL = 'http://127.0.0.1:8420'
export const SETTINGS_FILE_NAME = 'settings.json'

/** The server's address as an origin: no path, no credentials. */
const serverUrlSchema = z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin)
const settingsSchema = z.object({ serverUrl: serverUrlSchema.optional() })

/**
 * ENGAWA_SERVER_URL (given by `npm start`), else `serverUrl` of settings.json in the user data folder, else the
 * all-in-one's default on this computer.
 * @throws Error with one plain sentence that names the wrong variable or file.
 */
export function readConfig(env: NodeJS.ProcessEnv, places: DesktopPlaces): DesktopConfig {
  const built = path.join(places.appFolder, '.vite', 'build')
  return {
    serverUrl: serverUrlFromEnv(env) ?? serverUrlFromSettings(places.userDataFolder) ?? DEFAULT_SERVER_URL,
    webFolder: path.join(places.appFolder, 'dist', 'web'),
    takesFolder: path.join(places.userDataFolder, 'takes'),
    tapesFolder: path.join(places.userDataFolder, 'tapes'),
    windowStateFile: path.join(places.userDataFolder, 'window.json'),
    preloadFile: path.join(built, 'preload.cjs'),
    sfuHostFile: path.join(built, 'sfu-host.mjs'),
    studioHostFile: path.join(unpacked(built), 'studio-host.mjs'),
    rtc: readRtcConfig(env),
    devTools: !places.packaged,
  }
}

/** The studio's bundles lie beside the app's archive, with FFmpeg: threads and native libraries do not load from it. */
function unpacked(folder: string): string {
  return folder.replace(/\bapp\.asar(?=$|[\\/])/, 'app.asar.unpacked')
}

/** Known before the rest: what is wrong with the configuration is told there too. */
export function logFileIn(userDataFolder: string): string {
  return path.join(userDataFolder, 'logs', 'desktop.log')
}

/** ENGAWA_DATA is the one data folder of the all-in-one; the desktop app takes a part of it. undefined: the default. */
export function userDataFolderFrom(env: NodeJS.ProcessEnv): string | undefined {
  const data = env['ENGAWA_DATA']
  return data === undefined || data === '' ? undefined : path.resolve(data, 'desktop')
}

function serverUrlFromEnv(env: NodeJS.ProcessEnv): string | undefined {
  const value = env['ENGAWA_SERVER_URL']
  if (value === undefined || value === '') return undefined
  const parsed = serverUrlSchema.safeParse(value)
  if (!parsed.success) throw new Error(`ENGAWA_SERVER_URL is not an http or https address: ${value}`)
  return parsed.data
}

function serverUrlFromSettings(userDataFolder: string): string | undefined {
  const file = path.join(userDataFolder, SETTINGS_FILE_NAME)
  const text = readIfThere(file)
  if (text === undefined) return undefined
  try {
    return settingsSchema.parse(JSON.parse(text)).serverUrl
  } catch {
    throw new Error(`${file} is not valid: it should be like {"serverUrl": "https://engawa.example"}`)
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
