import type { ServerClient } from '../../server/contract/client.ts'
import { browserMicrophones } from '../devices/browser-microphones.ts'
import { pageTapes } from '../tape/page-tapes.ts'
import { browserPeers } from './browser-peer.ts'
import type { Cell } from './cell.ts'
import { browserClock } from './clock.ts'
import { markJoin } from './join-marks.ts'
import { AudioElements } from './remote-audio.ts'
import { RoomSession, type SessionOptions } from './room-session.ts'
import { browserSeatClaims } from './seat-claims.ts'
import { sessionSeats } from './seat-store.ts'
import { trpcSignalling } from './trpc-signalling.ts'

/** A session in this browser, with the loudspeakers that belong to it. */
export interface BrowserSession {
  readonly session: RoomSession
  /** The browser wants a click before it plays. */
  readonly audioBlocked: Cell<boolean>
  /** After that click. */
  resumeAudio(): Promise<void>
  /** `null`: the system's default. */
  chooseSpeaker(speakerId: string | null): void
  /** The chosen speaker was unplugged, or (`back`) is there again. */
  redirectSpeaker(back: boolean): void
  /** Idempotent. */
  close(): void
}

export interface BrowserSessionOptions extends SessionOptions {
  /** The typed API of now. */
  api(): ServerClient['api']
  speakerId: string | null
}

/** Enters a room with everything this browser has. `close()` ends it. */
export function openBrowserSession({ api, speakerId, ...options }: BrowserSessionOptions): BrowserSession {
  const audio = new AudioElements(document, speakerId)
  const session = new RoomSession(options, {
    clock: browserClock,
    random: Math.random,
    signalling: trpcSignalling(api, browserClock),
    peers: browserPeers,
    microphones: browserMicrophones,
    audio,
    tapes: pageTapes(),
    seats: sessionSeats(sessionStorage),
    claims: browserSeatClaims,
    onOnline: (listener) => {
      addEventListener('online', listener)
      return () => removeEventListener('online', listener)
    },
    mark: markJoin,
  })
  return {
    session,
    audioBlocked: audio.blockedCell,
    resumeAudio: () => audio.resume(),
    chooseSpeaker: (id) => void audio.chooseSpeaker(id),
    redirectSpeaker: (back) => void audio.redirect(back),
    close: () => session.close(),
  }
}
