import './ui/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App.tsx'
import { watchTapesForHere } from './app/bring-tapes-here.ts'
import { desktopBridge } from './app/desktop.ts'
import { watchHosting } from './app/hosting.ts'
import { startI18n } from './app/i18n.ts'
import { StartFailed } from './app/StartFailed.tsx'
import { openServerConnection } from './app/server-connection.ts'
import { useConnection } from './stores/connection.ts'
import { showTheme, usePreferences } from './stores/preferences.ts'
import { openPageTapes } from './tape/page-tapes.ts'

async function start(): Promise<void> {
  const { language, theme } = usePreferences.getState()
  startI18n(language)
  showTheme(theme)
  const container = document.getElementById('root')
  if (container === null) throw new Error('index.html has no #root')
  const root = createRoot(container)
  try {
    const bridge = desktopBridge()
    const serverUrl = bridge === null ? window.location.origin : await bridge.serverUrl()
    const connection = openServerConnection({ serverUrl: serverUrl.replace(/\/+$/, ''), bearer: bridge !== null })
    const tapes = openPageTapes({ serverUrl: connection.serverUrl, api: () => connection.client })
    useConnection.subscribe(({ line }, before) => {
      if (line === 'online' && before.line !== 'online') tapes.retryNow()
    })
    if (bridge !== null) {
      watchHosting(bridge.hosting)
      watchTapesForHere(connection, bridge)
    }
  } catch {
    root.render(<StartFailed />)
    return
  }
  root.render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}

void start()
