/**
 * The offer with retransmissions of lost Opus packets (RFC 4585 §6.2.1, generic NACK) offered in each section. No browser
 * offers them for sound by itself, and there is no API to ask for them. Chromium 156 then asks for what it misses:
 * at 5 % loss it conceals a tenth of the samples. Firefox 153 takes the line and never asks.
 */
export function withRetransmissions(sdp: string): string {
  return sdp
    .split(/^(?=m=)/m)
    .map((section) => offeredIn(section))
    .join('')
}

function offeredIn(section: string): string {
  return section.replace(/^a=rtpmap:(\d+) opus\/48000\/2\r?\n/gim, (line, payloadType: string) => {
    const feedback = `a=rtcp-fb:${payloadType} nack`
    return section.split(/\r?\n/).includes(feedback) ? line : `${line}${feedback}\r\n`
  })
}
