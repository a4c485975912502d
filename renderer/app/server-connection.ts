import { type ConnectionState, createServerClient, type ServerClient } from '../../server/contract/client.ts'
import type { Person } from '../../server/contract/views.ts'
import { type LineState, useConnection } from '../stores/connection.ts'
import { usePerson } from '../stores/person.ts'
import { OfflineError } from './api-error.ts'

const TOKEN_KEY = 'engawa.token'

/** What the page needs to reach its server. One per page. */
export interface ServerConnection {
  /** Origin of the server, without a slash at the end. Invite links begin with it. */
  readonly serverUrl: string
  /** The typed API of now; after sign-in or sign-out it is another one. */
  readonly client: ServerClient['api']
  /** An HTTP request to the server with this page's identity. `path` begins with a slash. Rejects with OfflineError. */
  request(path: string, init?: RequestInit): Promise<Response>
  /** Sends a file with this page's identity and tells how far it is, which `request` cannot. Rejects with OfflineError, or as `signal` says. */
  upload(path: string, file: Blob, options: UploadOptions): Promise<UploadAnswer>
  /**
   * What must be said in the old name before the identity changes, such as leaving a room. Waited for, but for
   * FAREWELL_MS at most. Returns the end.
   */
  beforeIdentityChange(farewell: () => Promise<void>): () => void
  /** After sign-in (with a bearer token in the desktop app) and sign-out (null): everything asks again as that person. */
  identityChanged(token: string | null): Promise<Person | null>
  close(): void
}

export interface UploadOptions {
  method: 'PUT' | 'POST'
  /** 0 to 1. */
  onProgress: (progress: number) => void
  signal: AbortSignal
}

export interface UploadAnswer {
  status: number
  body: string
}

export interface ServerConnectionOptions {
  serverUrl: string
  /** Desktop app: the page's origin is not the server's, so cookies cannot be used. */
  bearer: boolean
}

/** Signing in or out waits this long for what must be said in the old name. */
const FAREWELL_MS = 1_500

const LINE_OF: Record<ConnectionState, LineState> = {
  connecting: 'connecting',
  up: 'online',
  down: 'offline',
  closed: 'offline',
}

class PageConnection implements ServerConnection {
  readonly serverUrl: string
  readonly #bearer: boolean
  readonly #farewells = new Set<() => Promise<void>>()
  #server: ServerClient

  constructor({ serverUrl, bearer }: ServerConnectionOptions) {
    this.serverUrl = serverUrl
    this.#bearer = bearer
    this.#server = this.#open()
  }

  get client(): ServerClient['api'] {
    return this.#server.api
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    const token = this.#token()
    if (token !== null) headers.set('Authorization', `Bearer ${token}`)
    try {
      return await fetch(this.serverUrl + path, {
        ...init,
        headers,
        credentials: this.#bearer ? 'omit' : 'same-origin',
      })
    } catch (error) {
      throw new OfflineError(String(error))
    }
  }

  upload(path: string, file: Blob, { method, onProgress, signal }: UploadOptions): Promise<UploadAnswer> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const request = new XMLHttpRequest()
      request.open(method, this.serverUrl + path)
      const token = this.#token()
      if (token !== null) request.setRequestHeader('Authorization', `Bearer ${token}`)
      request.setRequestHeader('Content-Type', 'application/octet-stream')
      request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total)
      request.onload = () => resolve({ status: request.status, body: request.responseText })
      request.onerror = () => reject(new OfflineError('The line broke.'))
      request.onabort = () => reject(signal.reason)
      signal.addEventListener('abort', () => request.abort(), { once: true })
      request.send(file)
    })
  }

  beforeIdentityChange(farewell: () => Promise<void>): () => void {
    this.#farewells.add(farewell)
    return () => this.#farewells.delete(farewell)
  }

  async identityChanged(token: string | null): Promise<Person | null> {
    await this.#sayFarewell()
    if (this.#bearer && token !== null) localStorage.setItem(TOKEN_KEY, token)
    else localStorage.removeItem(TOKEN_KEY)
    const old = this.#server
    this.#server = this.#open()
    void old.close()
    const person = await this.#server.api.people.me.query()
    usePerson.getState().setPerson(person)
    useConnection.getState().nextIdentity()
    return person
  }

  close(): void {
    void this.#server.close()
  }

  async #sayFarewell(): Promise<void> {
    if (this.#farewells.size === 0) return
    const said = Promise.allSettled([...this.#farewells].map((farewell) => farewell()))
    let timer: ReturnType<typeof setTimeout> | undefined
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FAREWELL_MS)
    })
    await Promise.race([said, enough])
    clearTimeout(timer)
  }

  #token(): string | null {
    return this.#bearer ? localStorage.getItem(TOKEN_KEY) : null
  }

  #open(): ServerClient {
    const server: ServerClient = createServerClient({
      url: this.serverUrl,
      credentials: () => {
        const token = this.#token()
        return token === null ? null : { authorization: `Bearer ${token}` }
      },
      onConnection: (state) => {
        // A replaced client says that it closes; that is not news about the line.
        if (server === this.#server) useConnection.getState().setLine(LINE_OF[state])
      },
    })
    return server
  }
}

let connection: ServerConnection | null = null

/** Opens the page's connection; once, before anything is shown. */
export function openServerConnection(options: ServerConnectionOptions): ServerConnection {
  connection = new PageConnection(options)
  return connection
}

/** The page's connection. */
export function serverConnection(): ServerConnection {
  if (connection === null) throw new Error('openServerConnection comes first')
  return connection
}
