import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { Texts } from './texts.ts'

/** The roles a person expects. Their labels come from the system, in its language. */
export function setMenu(texts: Texts, devTools: boolean): void {
  const view: MenuItemConstructorOptions[] = [
    { role: 'reload' },
    { type: 'separator' },
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
  ]
  if (devTools) view.push({ type: 'separator' }, { role: 'toggleDevTools' })
  const edit: MenuItemConstructorOptions[] = [
    { role: 'undo' },
    { role: 'redo' },
    { type: 'separator' },
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'selectAll' },
  ]
  const window: MenuItemConstructorOptions[] = [{ role: 'minimize' }, { role: 'close' }]
  const isMac = process.platform === 'darwin'
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      isMac ? { role: 'appMenu' } : { label: texts.menu.file, submenu: [{ role: 'quit' }] },
      { label: texts.menu.edit, submenu: edit },
      { label: texts.menu.view, submenu: view },
      { label: texts.menu.window, submenu: window },
    ]),
  )
}
