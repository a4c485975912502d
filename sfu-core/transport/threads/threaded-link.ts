import type { MediaLink, MediaLinkEvents } from '../transport.ts'
import type { FromMediaThread, ToMediaThread } from './thread-messages.ts'

/** The thread that a link lives on. */
export interface LinkThread {
  tell(message: Exclude<ToMediaThread, { callId: number }>): void
  /** Its link has ended, by `close` of whichever side. */
  forget(linkId: number): void
}

type LinkMessage = Extract<FromMediaThread, { linkId: number }>

/** A link that lives on a media thread. */
export class ThreadedLink implements MediaLink {
  answerSdp = ''
  readonly linkId: number
  readonly thread: LinkThread
  /** As its thread has it. */
  id = ''
  readonly #events: MediaLinkEvents
  #open = true

  constructor(linkId: number, events: MediaLinkEvents, thread: LinkThread) {
    this.linkId = linkId
    this.thread = thread
    this.#events = events
  }

  onMessage(message: LinkMessage): void {
    if (!this.#open) return
    switch (message.tell) {
      case 'connected':
        this.answerSdp = ''
        this.#events.onConnected()
        break
      case 'disconnected':
        this.#events.onDisconnected()
        break
      case 'closed':
        this.#end()
        this.#events.onClosed()
        break
      case 'uplink':
        if (this.#events.wantsUplink(message.packet.levelDbov)) this.#events.onUplink(message.packet)
        break
    }
  }

  addRemoteCandidates(lines: readonly string[]): void {
    if (this.#open) this.thread.tell({ do: 'candidates', linkId: this.linkId, lines })
  }

  #end(): void {
    this.#open = false
    this.thread.forget(this.linkId)
  }

  close(): void {
    if (!this.#open) return
    this.#end()
    this.thread.tell({ do: 'close-link', linkId: this.linkId })
  }
}
