import { describe, expect, it } from 'vitest'
import { type AnswerPolicy, writeAnswer } from './answer.ts'
import { parseOffer } from './offer.ts'
import { CHROMIUM_NACK_OFFER, CHROMIUM_OFFER, FIREFOX_OFFER } from './offers.fixture.ts'

function answerTo(offerSdp: string, policy?: AnswerPolicy): string[][] {
  const answer = writeAnswer(parseOffer(offerSdp), {
    sessionId: '1',
    iceUfrag: 'nodeUfrag',
    icePwd: 'nodePasswordOf22Letters',
    fingerprint: 'AA:BB',
    candidates: [{ foundation: '1', priority: 2, address: '192.0.2.1', port: 3, type: 'host', related: null }],
    ssrcs: [1, 2, 3, 4, 5, 6],
    cname: 'engawa',
    policy,
  })
  return answer.split(/(?=^m=)/m).map((section) => section.trimEnd().split('\r\n'))
}

const startingWith = (lines: string[] | undefined, start: string) => lines?.filter((line) => line.startsWith(start))

describe('writeAnswer', () => {
  it('has one source and one stream of its own in each section', () => {
    const [session, ...sections] = answerTo(CHROMIUM_OFFER)
    expect(session).toContain('a=group:BUNDLE 0 1 2 3 4 5')
    const streams = ['stage-0', 'stage-1', 'stage-2', 'audience-0', 'audience-1', 'audience-2']
    expect(sections.map((lines) => startingWith(lines, 'a=ssrc:'))).toEqual(
      streams.map((name, i) => [`a=ssrc:${i + 1} cname:engawa`, `a=ssrc:${i + 1} msid:${name} ${name}`]),
    )
    expect(sections.map((lines) => startingWith(lines, 'a=msid:'))).toEqual(
      streams.map((name) => [`a=msid:${name} ${name}`]),
    )
  })

  it('asks the microphone for RED, and only says of the others that they may get some', () => {
    const [, microphone, ...others] = answerTo(CHROMIUM_OFFER)
    expect(microphone?.[0]).toBe('m=audio 9 UDP/TLS/RTP/SAVPF 63 111')
    expect(others.map(([line]) => line)).toEqual(Array(5).fill('m=audio 9 UDP/TLS/RTP/SAVPF 111 63'))
    expect(microphone).toContain('a=fmtp:63 111/111')
  })

  it('lets the microphone send plain Opus where the policy says so', () => {
    const [, microphone] = answerTo(CHROMIUM_OFFER, { uplinkRed: false })
    expect(microphone?.[0]).toBe('m=audio 9 UDP/TLS/RTP/SAVPF 111 63')
  })

  it('confirms NACK where it is offered', () => {
    const [, ...sections] = answerTo(CHROMIUM_NACK_OFFER)
    expect(sections.map((lines) => startingWith(lines, 'a=rtcp-fb:'))).toEqual(Array(6).fill(['a=rtcp-fb:111 nack']))
  })

  it('answers nothing that Firefox has not offered', () => {
    const [, ...sections] = answerTo(FIREFOX_OFFER)
    expect(sections.map(([line]) => line)).toEqual(Array(6).fill('m=audio 9 UDP/TLS/RTP/SAVPF 109'))
    expect(sections.flatMap((lines) => startingWith(lines, 'a=rtcp-fb:'))).toEqual([])
  })

  it('names the candidates once, in the first section of the bundle', () => {
    const [, ...sections] = answerTo(CHROMIUM_OFFER)
    expect(sections.map((lines) => startingWith(lines, 'a=candidate:')?.length)).toEqual([1, 0, 0, 0, 0, 0])
  })
})
