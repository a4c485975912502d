import type { NodeLink, NodeLinkState } from '../../sfu-core/contract/node-protocol.ts'

/** The same link, whose states are told to `onState` too, after the node has taken them in. */
export function watchedLink(link: NodeLink, onState: (state: NodeLinkState) => void): NodeLink {
  return {
    open: (handlers) =>
      link.open({
        ...handlers,
        onState: (state) => {
          handlers.onState(state)
          onState(state)
        },
      }),
    publish: (publication) => link.publish(publication),
    heartbeat: (heartbeat) => link.heartbeat(heartbeat),
    reportTake: (manifest) => link.reportTake(manifest),
    close: () => link.close(),
  }
}
