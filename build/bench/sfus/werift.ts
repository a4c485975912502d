import { simpleOffer } from '../load/sdp.ts'
import { startChildSfu } from './child-sfu.ts'
import type { Sfu } from './sfu.ts'

/** A plain forwarder of werift's RTCPeerConnection and writeRtp. */
export function startWerift(): Promise<Sfu> {
  return startChildSfu({
    name: 'plain werift forwarder',
    program: 'werift-forwarder.ts',
    offerOf: (joiner) => simpleOffer(joiner, joiner.role === 'speaker' ? 'sendonly' : 'recvonly'),
  })
}
