import { Suspense, useEffect, useRef } from 'react'
import { I18nProvider } from 'react-aria-components'
import { useTranslation } from 'react-i18next'
import { Route, Switch, useLocation } from 'wouter'
import { SignedIn } from '../account/SignedIn.tsx'
import { RoomPage } from '../rooms/RoomPage.tsx'
import { usePerson } from '../stores/person.ts'
import { Loading } from '../ui/index.ts'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { NotFoundPage } from './NotFoundPage.tsx'
import { Shell } from './Shell.tsx'
import { focusPageHeading } from './screen.ts'
import {
  EditorPage,
  HomePage,
  NewRoomPage,
  RecordingsPage,
  RegisterPage,
  SettingsPage,
  SignInPage,
  TakePage,
  warmScreens,
} from './screens.ts'
import { serverConnection } from './server-connection.ts'
import { useLoadServerInfo } from './server-info.ts'
import { useLoad } from './use-load.ts'

/** The whole page. */
export function App() {
  const { t, i18n } = useTranslation()
  const [path] = useLocation()
  useIdentity()
  useLoadServerInfo()
  useFocusAfterNavigation(path)
  useWarmScreens(path)
  return (
    <I18nProvider locale={i18n.language}>
      <Shell>
        <ErrorBoundary resetKey={path}>
          <Suspense fallback={<Loading label={t('loading')} />}>
            <Routes />
          </Suspense>
        </ErrorBoundary>
      </Shell>
    </I18nProvider>
  )
}

function Routes() {
  return (
    <Switch>
      <Route path="/" component={HomePage} />
      <Route path="/sign-in" component={SignInPage} />
      <Route path="/register" component={RegisterPage} />
      <Route path="/new">
        <SignedIn>
          <NewRoomPage />
        </SignedIn>
      </Route>
      <Route path="/r/:roomId">{({ roomId }) => <RoomPage key={roomId} roomId={roomId} />}</Route>
      <Route path="/recordings">
        <SignedIn>
          <RecordingsPage />
        </SignedIn>
      </Route>
      <Route path="/recordings/:takeId">
        {({ takeId }) => (
          <SignedIn>
            <TakePage key={takeId} takeId={takeId} />
          </SignedIn>
        )}
      </Route>
      <Route path="/recordings/:takeId/edit">
        {({ takeId }) => (
          <SignedIn>
            <EditorPage key={takeId} takeId={takeId} />
          </SignedIn>
        )}
      </Route>
      <Route path="/settings" component={SettingsPage} />
      <Route component={NotFoundPage} />
    </Switch>
  )
}

/** Asks the server who uses this page. */
function useIdentity(): void {
  const { loaded } = useLoad('me', () => serverConnection().client.people.me.query())
  const setPerson = usePerson((state) => state.setPerson)
  useEffect(() => {
    if (loaded.state === 'ready') setPerson(loaded.value)
  }, [loaded, setPerson])
}

/** The first screen keeps the browser's own focus; each later one begins at its top and at its heading. */
function useFocusAfterNavigation(path: string): void {
  const shown = useRef(path)
  useEffect(() => {
    if (shown.current === path) return
    shown.current = path
    window.scrollTo(0, 0)
    return focusPageHeading()
  }, [path])
}

/** Who walks about in the page will see more of it; who came for a room may not. */
function useWarmScreens(path: string): void {
  const inRoom = path.startsWith('/r/')
  useEffect(() => {
    if (!inRoom) warmScreens()
  }, [inRoom])
}
