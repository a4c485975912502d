import type {
  Heartbeat,
  NodeAnswer,
  NodeLink,
  NodeLinkHandlers,
  NodeRequest,
  NodeWelcome,
  RoomPublication,
} from '../contract/node-protocol.ts'
import type { TakeManifest } from '../contract/take.ts'

/** A server at the other end of the line, as a node sees it. */
export interface FakeLink extends NodeLink {
  readonly publications: RoomPublication[]
  readonly heartbeats: Heartbeat[]
  readonly reports: TakeManifest[]
  readonly isOpen: boolean
  readonly isClosed: boolean
  connect(welcome: NodeWelcome): Promise<void>
  /** What is sent while it is down is lost. */
  disconnect(): void
  request(request: NodeRequest): Promise<NodeAnswer>
}

export function createFakeLink(): FakeLink {
  const publications: RoomPublication[] = []
  const heartbeats: Heartbeat[] = []
  const reports: TakeManifest[] = []
  let handlers: NodeLinkHandlers | null = null
  let up = false
  let closed = false
  const theHandlers = () => {
    if (!handlers) throw new Error('the node has not opened its line')
    return handlers
  }
  const take = <T>(list: T[], item: T) => {
    if (!up) throw new Error('the line is down')
    list.push(item)
  }
  return {
    publications,
    heartbeats,
    reports,
    get isOpen() {
      return handlers !== null
    },
    get isClosed() {
      return closed
    },
    open: (newHandlers) => {
      handlers = newHandlers
    },
    publish: async (publication) => take(publications, publication),
    heartbeat: async (heartbeat) => take(heartbeats, heartbeat),
    reportTake: async (manifest) => take(reports, manifest),
    close: async () => {
      up = false
      closed = true
    },
    async connect(welcome) {
      up = true
      theHandlers().onState({ state: 'up', nodeId: welcome.nodeId })
      await theHandlers().onWelcome(welcome)
    },
    disconnect() {
      up = false
      theHandlers().onState({ state: 'connecting' })
    },
    request: (request) => theHandlers().onRequest(request),
  }
}
