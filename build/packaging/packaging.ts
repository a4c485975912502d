/** What Forge and electron-builder have to agree on. */

export const APP_ID = 'io.github.engawa.desktop'
/** macOS shows it when it asks for the microphone. */
export const MICROPHONE_REASON = 'Engawa sends your voice to the rooms in which you are on stage.'

/**
 * Switches in Electron's binary (https://www.electronjs.org/docs/latest/tutorial/fuses): the packaged program runs our
 * code and nothing else, and gives a debugger no door.
 */
export const DESKTOP_FUSES = {
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  GrantFileProtocolExtraPrivileges: false,
} as const

const PACKAGED = [
  '/package.json',
  '/LICENSE',
  '/.vite/build',
  '/dist/web',
  '/node_modules/node-av/package.json',
  '/node_modules/node-av/LICENSE.md',
  '/node_modules/node-av/dist',
  '/node_modules/@seydx',
]

/**
 * What lies beside the app's archive instead of in it: FFmpeg's library, which the system loads, and the bundles that use it, whose
 * threads start from files. electron/main/config.ts looks for them there. Without a slash, so that Forge matches the name alone: its `**`
 * does not reach into `.vite`.
 */
export const UNPACKED = { files: '{studio-host,mix-worker}.mjs', folder: 'node_modules' } as const

/**
 * Whether a file or folder goes into the packaged app: bundles, page, and FFmpeg (node-av); no other node_modules.
 * @param file from the repository's root, beginning with `/`; empty for the root itself
 */
export function isPackaged(file: string): boolean {
  if (file === '') return true
  return PACKAGED.some((kept) => file === kept || file.startsWith(`${kept}/`) || kept.startsWith(`${file}/`))
}
