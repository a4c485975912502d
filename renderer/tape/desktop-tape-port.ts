import { TAPE_PORT_MESSAGE } from '../../electron/contract/bridge.ts'
import { desktopBridge } from '../app/desktop.ts'

/** One end of a line to the desktop app's tape files, for the tape worker; the app's preload script takes the other. Null in a browser. */
export function desktopTapePort(): MessagePort | null {
  if (desktopBridge() === null) return null
  const { port1, port2 } = new MessageChannel()
  // `/`: to this page alone. Ports do not pass the context bridge (Electron, "MessagePorts").
  window.postMessage(TAPE_PORT_MESSAGE, '/', [port2])
  return port1
}
