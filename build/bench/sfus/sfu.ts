import type { Group, PlainEnd } from '../load/generator.ts'
import type { IceCredentials, RemoteEnd } from '../load/sdp.ts'

/** One who joins: the load generator's end of the connection. */
export interface Joiner extends IceCredentials {
  /** From 1; also the participant's number. */
  id: number
  role: 'speaker' | 'listener'
  group: Group
  /** SHA-256 of its certificate, hex pairs with colons. */
  fingerprint: string
  ssrc: number
}

/** A forwarder under test, in a process of its own. */
export interface Sfu extends AsyncDisposable {
  name: string
  pid: number
  /** Signals for a joiner. Answers where the load generator shall connect to. */
  join(joiner: Joiner): Promise<RemoteEnd | PlainEnd>
  /** Ends participants. */
  leave(ids: readonly number[]): Promise<void>
}
