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

const PACKAGED = ['/package.json', '/LICENSE', '/.vite/build', '/dist/web']

/**
 * Whether a file or folder goes into the packaged app: bundles and page only, no node_modules.
 * @param file from the repository's root, beginning with `/`; empty for the root itself
 */
export function isPackaged(file: string): boolean {
  if (file === '') return true
  return PACKAGED.some((kept) => file === kept || file.startsWith(`${kept}/`) || kept.startsWith(`${file}/`))
}
