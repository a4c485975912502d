/**
 * A plain forwarder as one writes it with werift: an RTCPeerConnection a participant, `writeRtp` of each packet to every
 * listener. The peer that our transport is measured against (npm run bench -- fanout).
 */
import { useOPUS as createOpusCodec, MediaStreamTrack, RTCPeerConnection } from 'werift'
import { serveForwarder } from './control.ts'

const connections = new Map<number, RTCPeerConnection>()
const outgoing = new Map<number, MediaStreamTrack>()

function connect(id: number): RTCPeerConnection {
  const connection = new RTCPeerConnection({
    codecs: { audio: [createOpusCodec({ payloadType: 111 })] },
    iceServers: [],
    iceLite: true,
    iceUseIpv6: false,
    iceUseTcp: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
  })
  connections.set(id, connection)
  return connection
}

function listenTo(connection: RTCPeerConnection): void {
  connection.onTrack.subscribe((track) => {
    track.onReceiveRtp.subscribe((packet) => {
      for (const listener of outgoing.values()) listener.writeRtp(packet)
    })
  })
}

/**
 * As the one who answers, werift would be the DTLS client whatever the offer says; so it makes the offer, and takes what
 * the participant offered for the answer: one section with `a=setup:active` is valid as either.
 */
async function negotiate(connection: RTCPeerConnection, offer: string): Promise<string> {
  await connection.setLocalDescription(await connection.createOffer())
  await connection.setRemoteDescription({ type: 'answer', sdp: offer })
  return connection.localDescription?.sdp ?? ''
}

serveForwarder({
  join: async ({ id, role, offer }) => {
    const connection = connect(id)
    if (role === 'speaker') {
      listenTo(connection)
      connection.addTransceiver('audio', { direction: 'recvonly' })
      return negotiate(connection, offer)
    }
    const track = new MediaStreamTrack({ kind: 'audio' })
    connection.addTransceiver(track, { direction: 'sendonly' })
    const sdp = await negotiate(connection, offer)
    outgoing.set(id, track)
    return sdp
  },
  leave: async (ids) => {
    for (const id of ids) {
      outgoing.delete(id)
      await connections.get(id)?.close()
      connections.delete(id)
    }
  },
  dump: () => ({ connections: connections.size }),
})
