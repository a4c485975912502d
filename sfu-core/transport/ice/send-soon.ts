import { type KernelRoute, kernelAddressOf } from '../udp/datagram-batch.ts'
import type { UdpSocket } from './udp-sockets.ts'

/**
 * Sends with what else is sent in this turn of the event loop, in one call, where the socket can; else at once. The datagram's memory
 * must not be used again.
 */
export function sendSoon(route: KernelRoute & { readonly socket: UdpSocket }, datagram: Uint8Array): void {
  const { batch } = route.socket
  if (batch) {
    batch.add(kernelAddressOf(route), datagram)
    batch.flushSoon()
  } else route.socket.send(datagram, route.port, route.address)
}
