import { lazy } from 'react'

const load = {
  home: () => import('../rooms/HomePage.tsx'),
  newRoom: () => import('../rooms/NewRoomPage.tsx'),
  recordings: () => import('../studio/RecordingsPage.tsx'),
  register: () => import('../account/RegisterPage.tsx'),
  settings: () => import('./SettingsPage.tsx'),
  signIn: () => import('../account/SignInPage.tsx'),
  take: () => import('../studio/TakePage.tsx'),
}

/** Large, and for few: it comes when it is opened. */
const loadEditor = () => import('../studio/editor/EditorPage.tsx')

/**
 * The screens that a listener with a link never sees, each loaded when it is first shown: who comes to listen waits
 * for the room only.
 */
export const EditorPage = lazy(async () => ({ default: (await loadEditor()).EditorPage }))
export const HomePage = lazy(async () => ({ default: (await load.home()).HomePage }))
export const NewRoomPage = lazy(async () => ({ default: (await load.newRoom()).NewRoomPage }))
export const RecordingsPage = lazy(async () => ({ default: (await load.recordings()).RecordingsPage }))
export const RegisterPage = lazy(async () => ({ default: (await load.register()).RegisterPage }))
export const SettingsPage = lazy(async () => ({ default: (await load.settings()).SettingsPage }))
export const SignInPage = lazy(async () => ({ default: (await load.signIn()).SignInPage }))
export const TakePage = lazy(async () => ({ default: (await load.take()).TakePage }))

/** Loads them all but the editor, so that going from one to another neither waits nor needs the line. */
export function warmScreens(): void {
  for (const screen of Object.values(load)) void screen().catch(() => {})
}
