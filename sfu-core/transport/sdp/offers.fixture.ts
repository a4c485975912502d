/**
 * Offers that browsers made for the sections of contract/media.ts, captured from Chromium 156 and Firefox 153 with a
 * microphone and `bundlePolicy: 'max-bundle'`, before ICE gathering (page-side it is browser-peer.ts). Sections of one
 * browser differ in nothing but what the functions here take.
 */
const join = (lines: string[]): string => `${lines.join('\r\n')}\r\n`
const RECEIVING_MIDS = [1, 2, 3, 4, 5]

const chromiumSection = (mid: number, media: string[], feedback: string[]): string[] => [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126',
  'c=IN IP4 0.0.0.0',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=ice-ufrag:tKE8',
  'a=ice-pwd:SHrJPdIr57VbZCB9xn+hyEGj',
  'a=ice-options:trickle',
  'a=fingerprint:sha-256 B0:B9:2D:F4:DE:77:57:02:BE:00:C7:EC:C4:DA:00:D2:D0:38:F8:1C:9C:91:1C:4F:20:2B:63:B6:28:51:73:61',
  'a=setup:actpass',
  `a=mid:${mid}`,
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
  ...media,
  'a=rtcp-mux',
  'a=rtcp-rsize',
  'a=rtcp-xr:rcvr-rtt=all',
  'a=rtpmap:111 opus/48000/2',
  ...feedback,
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtpmap:63 red/48000/2',
  'a=fmtp:63 111/111',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:13 CN/8000',
  'a=rtpmap:110 telephone-event/48000',
  'a=rtpmap:126 telephone-event/8000',
]

const chromiumOffer = (feedback: string[]): string =>
  join([
    'v=0',
    'o=- 7164095149428815642 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1 2 3 4 5',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS',
    ...chromiumSection(0, ['a=sendrecv', 'a=msid:- 93bf1d0c-19af-4add-a31a-b5fe8ec2c2f6'], feedback),
    'a=ssrc:907069162 cname:SLFgeJ8MmGbzyFvd',
    'a=ssrc:907069162 msid:- 93bf1d0c-19af-4add-a31a-b5fe8ec2c2f6',
    ...RECEIVING_MIDS.flatMap((mid) => chromiumSection(mid, ['a=recvonly'], feedback)),
  ])

/** As Chromium makes it by itself. */
export const CHROMIUM_OFFER = chromiumOffer(['a=rtcp-fb:111 transport-cc'])
/** As our page makes it of that: retransmissions are offered too. */
export const CHROMIUM_NACK_OFFER = chromiumOffer(['a=rtcp-fb:111 transport-cc', 'a=rtcp-fb:111 nack'])

const firefoxSection = (mid: number, head: string[]): string[] => [
  ...head,
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level',
  'a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid',
  'a=extmap:7 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'a=extmap-allow-mixed',
  'a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1',
  'a=fmtp:101 0-15',
  'a=ice-pwd:68f384a0e34effcebe41125655c6ce28',
  'a=ice-ufrag:923e5340',
  `a=mid:${mid}`,
  ...(mid === 0 ? ['a=msid:- {030fb2cf-adb7-4e74-82e7-4838bd40ee3e}'] : []),
  'a=rtcp-fb:109 transport-cc',
  'a=rtcp-fb:9 transport-cc',
  'a=rtcp-fb:0 transport-cc',
  'a=rtcp-fb:8 transport-cc',
  'a=rtcp-mux',
  'a=rtpmap:109 opus/48000/2',
  'a=rtpmap:9 G722/8000/1',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=setup:actpass',
  `a=ssrc:${753_910_921 + mid} cname:{8fa59640-6a79-45d2-9725-459731738a02}`,
]

/** No RED, no NACK; parameters of the session; bundle-only sections. */
export const FIREFOX_OFFER = join([
  'v=0',
  'o=mozilla...THIS_IS_SDPARTA-99.0 9022344921443674711 1 IN IP4 0.0.0.0',
  's=-',
  't=0 0',
  'a=sendrecv',
  'a=fingerprint:sha-256 E4:04:64:DC:D2:EB:C5:6E:78:5E:DA:61:48:98:AE:A6:6A:61:CD:DB:F1:61:C7:A6:58:FC:A0:6B:BE:F9:60:D1',
  'a=group:BUNDLE 0 1 2 3 4 5',
  'a=ice-options:trickle',
  'a=msid-semantic:WMS *',
  ...firefoxSection(0, ['m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101', 'c=IN IP4 0.0.0.0', 'a=sendrecv']),
  ...RECEIVING_MIDS.flatMap((mid) =>
    firefoxSection(mid, [
      'm=audio 0 UDP/TLS/RTP/SAVPF 109 9 0 8 101',
      'c=IN IP4 0.0.0.0',
      'a=bundle-only',
      'a=recvonly',
    ]),
  ),
])
