/**
 * A WebSocket on a dead network takes long to say so: Chromium waits 60 s for the other side's goodbye, `ws`
 * 30 s, and a connection attempt hangs for minutes. Clients that come back by themselves must know at once.
 */

const CLOSED = 3
const CONNECTING = 0
/** The other side's goodbye is waited for this long. */
const GOODBYE_TIMEOUT_MS = 800
/** A connection opens within this, or is given up. */
const OPEN_TIMEOUT_MS = 8_000

/** What of a WebSocket is used here; the browser's, Node's and that of `ws` have it. */
type WebSocketClass = typeof WebSocket

/** The same class, whose `close` is followed by a `close` event soon, and which gives up connecting. */
export function promptWebSocket(Base: WebSocketClass): WebSocketClass {
  return class PromptWebSocket extends Base {
    constructor(...args: ConstructorParameters<WebSocketClass>) {
      super(...args)
      const timer = setTimeout(() => {
        if (this.readyState === CONNECTING) this.close()
      }, OPEN_TIMEOUT_MS)
      this.addEventListener('open', () => clearTimeout(timer))
      this.addEventListener('close', () => clearTimeout(timer))
    }

    override close(code?: number, reason?: string): void {
      super.close(code, reason)
      const timer = setTimeout(() => sayClosed(this), GOODBYE_TIMEOUT_MS)
      this.addEventListener('close', () => clearTimeout(timer))
    }
  }
}

/** `ws` can end the connection; a browser cannot, so that its listeners are told and the socket is forgotten. */
function sayClosed(socket: WebSocket & { terminate?: () => void }): void {
  if (socket.readyState === CLOSED) return
  if (socket.terminate) socket.terminate()
  else socket.dispatchEvent(new Event('close'))
}
