/** The only door of sfu-core for the processes that run it: electron/sfu-host and server/relay.ts. */

export { type Clock, systemClock } from './clock.ts'
export type { NodeLog } from './node/log.ts'
export type { MediaNode } from './node/media-node.ts'
export { type StartMediaNodeOptions, startMediaNode } from './node/start-media-node.ts'
export { recoverTakes } from './record/recover-takes.ts'
export {
  createNodeTransport,
  type NodeTransport,
  type NodeTransportDump,
  type NodeTransportOptions,
} from './transport/create-node-transport.ts'
export type { MediaTransport } from './transport/transport.ts'
export type { TransportLog } from './transport/webrtc-transport.ts'
