import { randomUUID } from 'node:crypto'

/** Janus' WebSocket API, as far as VideoRoom needs it (https://janus.conf.meetecho.com/docs/rest.html#WS). */
export interface JanusSession {
  attach(): Promise<JanusHandle>
  close(): void
}

export interface JanusHandle {
  /** A request that is answered at once. */
  request(body: object): Promise<void>
  /** A request that is answered by an event; gives the event's SDP, if any. */
  message(body: object, jsep?: { type: 'offer' | 'answer'; sdp: string }): Promise<{ sdp?: string | undefined }>
  detach(): Promise<void>
}

/** What we read of its messages. */
interface JanusMessage {
  janus: string
  transaction?: string
  data?: { id: number }
  error?: { reason: string }
  jsep?: { sdp: string }
  plugindata?: { data: { error?: string } }
}

const KEEPALIVE_MS = 25_000
const REQUEST_TIMEOUT_MS = 30_000

export async function connectJanus(url: string): Promise<JanusSession> {
  const socket = new WebSocket(url, 'janus-protocol')
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve()
    socket.onerror = () => reject(new Error(`no WebSocket at ${url}`))
  })
  const waiting = new Map<string, (message: JanusMessage) => void>()
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as JanusMessage
    // "ack" announces the event that answers.
    if (message.janus !== 'ack' && message.transaction) waiting.get(message.transaction)?.(message)
  }

  const send = (message: object): Promise<JanusMessage> =>
    new Promise((resolve, reject) => {
      const transaction = randomUUID()
      const tooLate = setTimeout(
        () => reject(new Error(`Janus does not answer ${JSON.stringify(message)}`)),
        REQUEST_TIMEOUT_MS,
      )
      waiting.set(transaction, (answer) => {
        clearTimeout(tooLate)
        waiting.delete(transaction)
        const trouble = answer.error?.reason ?? answer.plugindata?.data.error
        if (trouble === undefined) resolve(answer)
        else reject(new Error(`Janus refuses ${JSON.stringify(message)}: ${trouble}`))
      })
      socket.send(JSON.stringify({ ...message, transaction }))
    })

  const session_id = (await send({ janus: 'create' })).data?.id
  const keepAlive = setInterval(() => void send({ janus: 'keepalive', session_id }).catch(() => {}), KEEPALIVE_MS)

  const attach = async (): Promise<JanusHandle> => {
    const handle_id = (await send({ janus: 'attach', session_id, plugin: 'janus.plugin.videoroom' })).data?.id
    const to = { session_id, handle_id }
    return {
      request: async (body) => {
        await send({ janus: 'message', ...to, body })
      },
      message: async (body, jsep) => {
        const { jsep: answer } = await send({ janus: 'message', ...to, body, ...(jsep ? { jsep } : {}) })
        return { sdp: answer?.sdp }
      },
      detach: async () => {
        await send({ janus: 'detach', ...to })
      },
    }
  }
  return {
    attach,
    close: () => {
      clearInterval(keepAlive)
      socket.close()
    },
  }
}
