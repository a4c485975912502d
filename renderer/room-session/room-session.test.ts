import { describe, expect, it } from 'vitest'
import { EMPTY_ROOM_STATE } from '../../sfu-core/contract/apply-room-event.ts'
import { takeIdSchema } from '../../sfu-core/contract/ids.ts'
import { SignallingError } from './ports.ts'
import type { RoomSession } from './room-session.ts'
import { Bench, FakeMicrophone, person, ROOM_ID, roomView, SELF_ID, settle } from './test/fakes.ts'

const phase = (session: RoomSession) => session.view.get().state.phase
const stateOf = (session: RoomSession) => session.view.get().state

describe('entering', () => {
  it('makes the connection while the question travels, and the offer goes out with the answer', async () => {
    const bench = new Bench()
    const session = bench.start()
    expect(bench.peers).toHaveLength(1)
    expect(bench.joins).toHaveLength(1)
    await bench.admit()
    expect(bench.offers).toHaveLength(1)
    expect(bench.feeds).toHaveLength(1)
    await bench.answer()
    expect(bench.peers[0]?.answer).toBe('answer')
    await bench.link('connected')
    expect(phase(session)).toBe('connected')
    expect(session.self?.number).toBe(7)
    expect(bench.marks).toEqual(['join-click', 'answer', 'connected'])
  })

  it('keeps the seat for the tab and comes back to it', async () => {
    const bench = new Bench()
    bench.start()
    await bench.admit()
    expect(bench.seats.get(ROOM_ID)).toBe('seat1')
    const reloaded = new Bench()
    reloaded.seats.set(ROOM_ID, 'seat1')
    reloaded.start()
    expect(reloaded.joins[0]?.seat).toBe('seat1')
  })

  it('takes a new seat where the old one is unknown', async () => {
    const bench = new Bench()
    bench.seats.set(ROOM_ID, 'old')
    bench.start()
    bench.joins[0]?.reject(new SignallingError('seat-unknown'))
    await bench.clock.advance(600)
    expect(bench.joins[1]?.seat).toBeNull()
  })

  it('leaves for good on a final reason and tries again on the others', async () => {
    const bench = new Bench()
    const session = bench.start()
    bench.joins[0]?.reject(new SignallingError('node-gone'))
    await settle()
    expect(stateOf(session)).toMatchObject({ phase: 'joining', lastFailure: 'node-gone' })
    await bench.clock.advance(500)
    expect(bench.joins).toHaveLength(2)
    bench.joins[1]?.reject(new SignallingError('invite-needed'))
    await settle()
    expect(stateOf(session)).toEqual({ phase: 'left', reason: 'invite-needed' })
    expect(bench.clock.pending).toBe(0)
  })

  it('marks the first sound', async () => {
    const bench = new Bench()
    bench.start()
    await bench.enter()
    await bench.clock.advance(30)
    expect(bench.marks).not.toContain('first-audio')
    const peer = bench.peers[0]
    if (peer) peer.heard = [[{ number: 1, timestampMs: 5 }], [], []]
    await bench.clock.advance(20)
    expect(bench.marks.filter((mark) => mark === 'first-audio')).toHaveLength(1)
  })
})

describe('addresses of the page', () => {
  const CANDIDATE = 'candidate:1 1 udp 1686052607 203.0.113.7 40000 typ srflx raddr 0.0.0.0 rport 0'
  const desktop = roomView({ hosting: 'desktop', stunServers: ['stun:198.51.100.1:40000'] })

  it('found after the offer are told once the node has answered, where it may be behind a router', async () => {
    const bench = new Bench()
    bench.start(null, desktop)
    const peer = bench.peers[0]
    expect(peer?.options.stunServers).toEqual(['stun:198.51.100.1:40000'])
    await bench.admit()
    peer?.options.onCandidate(CANDIDATE)
    await bench.clock.advance(1_000)
    expect(bench.candidates).toEqual([])
    await bench.answer()
    await bench.clock.advance(1_000)
    expect(bench.candidates).toEqual([{ token: 'token', lines: [CANDIDATE] }])
  })

  it('are not told to a relay, nor after the try is over', async () => {
    const bench = new Bench()
    bench.start()
    await bench.enter()
    bench.peers[0]?.options.onCandidate(CANDIDATE)
    const left = new Bench()
    const session = left.start(null, desktop)
    await left.enter()
    left.peers[0]?.options.onCandidate(CANDIDATE)
    session.close()
    left.peers[0]?.options.onCandidate(CANDIDATE)
    await bench.clock.advance(1_000)
    await left.clock.advance(1_000)
    expect([...bench.candidates, ...left.candidates]).toEqual([])
    expect(left.clock.pending).toBe(0)
  })
})

describe('coming back', () => {
  it('joins again with its seat when the sound is gone for longer than a blink', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter()
    await bench.clock.advance(20_000)
    await bench.link('silent')
    await bench.clock.advance(1_400)
    expect(phase(session)).toBe('connected')
    await bench.clock.advance(200)
    expect(phase(session)).toBe('reconnecting')
    expect(bench.joins.at(-1)?.seat).toBe('seat1')
    await bench.admit()
    expect(bench.peers[0]?.closed).toBe(true)
    await bench.answer()
    await bench.link('connected')
    expect(phase(session)).toBe('connected')
    expect(bench.feeds).toHaveLength(1)
  })

  it('goes on with the old connection if it heals before the new one is offered', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter()
    await bench.clock.advance(20_000)
    await bench.link('silent')
    await bench.clock.advance(2_000)
    expect(bench.peers).toHaveLength(2)
    await bench.link('connected', bench.peers[0])
    expect(phase(session)).toBe('connected')
    expect(bench.peers[0]?.closed).toBe(false)
    expect(bench.peers[1]?.closed).toBe(true)
    await bench.admit()
    expect(bench.offers).toHaveLength(1)
  })

  it('keeps trying for ever, and at once when the browser says that the network is back', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter()
    await bench.clock.advance(20_000)
    await bench.link('dead')
    for (let round = 0; round < 20; round += 1) {
      bench.joins.at(-1)?.reject(new SignallingError('offline'))
      await bench.clock.advance(8_000)
    }
    expect(phase(session)).toBe('reconnecting')
    bench.joins.at(-1)?.reject(new SignallingError('offline'))
    await settle()
    const before = bench.joins.length
    bench.online?.()
    expect(bench.joins).toHaveLength(before + 1)
  })

  it('keeps the sound while only the node is silent to the server, and joins anew when it restarted', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter()
    await bench.clock.advance(20_000)
    bench.news({ type: 'node', up: false })
    expect(stateOf(session)).toMatchObject({ phase: 'reconnecting', cause: 'node' })
    expect(bench.peers[0]?.closed).toBe(false)
    bench.news({ type: 'node', up: true })
    expect(phase(session)).toBe('connected')
    expect(bench.joins).toHaveLength(1)
    const state = { ...EMPTY_ROOM_STATE, participants: { [SELF_ID]: person() } }
    bench.news({ type: 'state', room: roomView(), state, nodeUp: true }, 'e2')
    expect(phase(session)).toBe('reconnecting')
    expect(bench.peers[0]?.closed).toBe(true)
    expect(bench.joins).toHaveLength(2)
  })

  it('tells a room that ended meanwhile', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter()
    await bench.clock.advance(20_000)
    await bench.link('dead')
    bench.joins.at(-1)?.reject(new SignallingError('room-not-live'))
    await settle()
    expect(stateOf(session)).toEqual({ phase: 'left', reason: 'room-ended' })
  })

  it('gets a new feed after the old one was refused', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter()
    await bench.clock.advance(20_000)
    bench.feeds[0]?.listener.onRefused('seat-unknown')
    expect(phase(session)).toBe('reconnecting')
    await bench.admit()
    expect(bench.feeds).toHaveLength(2)
  })
})

describe('microphone', () => {
  it('is held on stage only, and is put in and taken out without negotiation', async () => {
    const bench = new Bench()
    bench.start()
    await bench.enter()
    expect(bench.microphones).toHaveLength(0)
    bench.changeMe({ onStage: true })
    await settle()
    expect(bench.peers[0]?.microphone).toBe(bench.microphones[0]?.track)
    bench.changeMe({ onStage: false })
    await settle()
    expect(bench.peers[0]?.microphone).toBeNull()
    expect(bench.microphones[0]?.fake.stopped).toBe(true)
    expect(bench.joins).toHaveLength(1)
  })

  it('mutes here before the node knows', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter(person({ onStage: true }))
    const track = bench.microphones[0]?.fake
    expect(track?.enabled).toBe(true)
    void session.setMuted(true)
    expect(track?.enabled).toBe(false)
    await settle()
    expect(bench.acts[0]?.action).toEqual({ type: 'set-muted', muted: true })
  })

  it('opens when the node has agreed and its state says so', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter(person({ onStage: true, muted: true }))
    const track = bench.microphones[0]?.fake
    expect(track?.enabled).toBe(false)
    const unmuted = session.setMuted(false)
    await settle()
    expect(track?.enabled).toBe(false)
    bench.acts[0]?.resolve()
    await unmuted
    expect(track?.enabled).toBe(false)
    bench.changeMe({ onStage: true, muted: false })
    expect(track?.enabled).toBe(true)
  })

  it('a mute overtakes an unmute that is under way', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter(person({ onStage: true, muted: true }))
    const unmuted = session.setMuted(false)
    await settle()
    void session.setMuted(true)
    bench.acts[0]?.resolve()
    await unmuted
    bench.changeMe({ onStage: true, muted: false })
    await settle()
    expect(bench.microphones[0]?.fake.enabled).toBe(false)
    expect(bench.acts[1]?.action).toEqual({ type: 'set-muted', muted: true })
  })

  it('the host mutes by the state', async () => {
    const bench = new Bench()
    bench.start()
    await bench.enter(person({ onStage: true }))
    bench.changeMe({ onStage: true, muted: true, mutedBy: 'host' })
    expect(bench.microphones[0]?.fake.enabled).toBe(false)
  })

  it('stays muted over a reconnect even if the node has forgotten it, with the same track', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter(person({ onStage: true, muted: true }))
    await bench.clock.advance(20_000)
    const acts = bench.acts.length
    const state = { ...EMPTY_ROOM_STATE, participants: { [SELF_ID]: person({ onStage: true, muted: false }) } }
    bench.news({ type: 'state', room: roomView(), state, nodeUp: true }, 'e2')
    expect(bench.peers[1]?.microphone).toBe(bench.microphones[0]?.track)
    await bench.admit()
    await bench.answer(person({ onStage: true }))
    await bench.link('connected')
    expect(phase(session)).toBe('connected')
    expect(bench.microphones).toHaveLength(1)
    expect(bench.microphones[0]?.fake.enabled).toBe(false)
    expect(bench.acts[acts]?.action).toEqual({ type: 'set-muted', muted: true })
  })

  it('mutes at once while the connection is lost, and tells the node afterwards', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter(person({ onStage: true }))
    await bench.clock.advance(20_000)
    await bench.link('dead')
    const muted = session.setMuted(true)
    expect(bench.microphones[0]?.fake.enabled).toBe(false)
    await settle()
    bench.acts[0]?.reject(new SignallingError('offline'))
    await expect(muted).resolves.toBeUndefined()
    await bench.admit()
    await bench.answer(person({ onStage: true }))
    await bench.link('connected')
    await settle()
    expect(bench.acts[1]?.action).toEqual({ type: 'set-muted', muted: true })
  })

  it('bug: the screen said that the microphone is open after muting while the line was down', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter(person({ onStage: true }))
    await bench.link('dead')
    void session.setMuted(true)
    expect(session.self).toMatchObject({ muted: true, mutedBy: 'self' })
    bench.changeMe({ onStage: true })
    expect(session.self?.muted).toBe(true)
    await expect(session.setMuted(false)).rejects.toThrow('node-gone')
    expect(bench.microphones[0]?.fake.enabled).toBe(false)
  })

  it('bug: a reload opened the microphone that was muted while the line was down', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter(person({ onStage: true }))
    await bench.link('dead')
    void session.setMuted(true)
    expect(bench.muted.has(ROOM_ID)).toBe(true)

    const reloaded = new Bench()
    reloaded.seats.set(ROOM_ID, 'seat1')
    reloaded.muted.add(ROOM_ID)
    const next = reloaded.start()
    await reloaded.enter(person({ onStage: true, muted: false }))
    await settle()
    expect(reloaded.microphones[0]?.fake.enabled).toBe(false)
    expect(next.self?.muted).toBe(true)
    expect(reloaded.acts.map(({ action }) => action)).toEqual([{ type: 'set-muted', muted: true }])
    reloaded.acts[0]?.resolve()
    reloaded.changeMe({ onStage: true, muted: true, mutedBy: 'self' })
    const unmuted = next.setMuted(false)
    await settle()
    reloaded.acts[1]?.resolve()
    await unmuted
    reloaded.changeMe({ onStage: true, muted: false })
    expect(reloaded.microphones[0]?.fake.enabled).toBe(true)
    expect(reloaded.muted.has(ROOM_ID)).toBe(false)
  })

  it('bug: a mute whose answer never came was told again only at the next news', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter(person({ onStage: true }))
    const muted = session.setMuted(true)
    await settle()
    bench.acts[0]?.reject(new SignallingError('timed-out'))
    await muted
    await bench.clock.advance(2_000)
    expect(bench.acts.map(({ action }) => action)).toEqual([
      { type: 'set-muted', muted: true },
      { type: 'set-muted', muted: true },
    ])
    void session.leave()
    expect(bench.clock.pending).toBe(0)
  })

  it('opens where the node had not heard of the mute and finds nothing to do', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter(person({ onStage: true }))
    const muted = session.setMuted(true)
    await settle()
    bench.acts[0]?.reject(new SignallingError('offline'))
    await muted
    const unmuted = session.setMuted(false)
    await settle()
    bench.acts[1]?.reject(new SignallingError('nothing-to-do'))
    await unmuted
    expect(bench.microphones[0]?.fake.enabled).toBe(true)
    expect(session.self?.muted).toBe(false)
    await bench.clock.advance(2_000)
    expect(bench.acts).toHaveLength(2)
  })

  it('a mute of an earlier visit is not kept: leaving forgets it', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter(person({ onStage: true, muted: true }))
    expect(bench.muted.has(ROOM_ID)).toBe(true)
    void session.leave()
    expect(bench.muted.has(ROOM_ID)).toBe(false)
  })

  it('goes on with the default when the device disappears', async () => {
    const bench = new Bench()
    const session = bench.start('usb')
    await bench.enter(person({ onStage: true }))
    expect(session.microphone.get()).toMatchObject({ state: 'on', deviceId: 'usb', fellBack: false })
    bench.microphoneAnswer = (deviceId) => {
      if (deviceId === 'usb') return { ok: false, problem: 'device-gone' }
      const microphone = new FakeMicrophone('default')
      bench.microphones.push(microphone)
      return { ok: true, microphone }
    }
    bench.microphones[0]?.unplug()
    await settle()
    expect(session.microphone.get()).toMatchObject({ state: 'on', deviceId: 'default', fellBack: true })
    expect(bench.peers[0]?.microphone).toBe(bench.microphones[1]?.track)
  })

  it('says why there is none, and tries again when asked', async () => {
    const bench = new Bench()
    const session = bench.start()
    const works = bench.microphoneAnswer
    bench.microphoneAnswer = () => ({ ok: false, problem: 'denied-by-user' })
    await bench.enter(person({ onStage: true }))
    expect(session.microphone.get()).toEqual({ state: 'failed', problem: 'denied-by-user' })
    expect(phase(session)).toBe('connected')
    bench.microphoneAnswer = works
    session.retryMicrophone()
    await settle()
    expect(session.microphone.get()).toMatchObject({ state: 'on' })
  })
})

describe('the end', () => {
  it.each(['leave', 'close'] as const)('%s ends everything and can be said twice', async (how) => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter(person({ onStage: true }))
    session[how]()
    session[how]()
    expect(phase(session)).toBe('left')
    expect(bench.peers.every((peer) => peer.closed)).toBe(true)
    expect(bench.microphones.every(({ fake }) => fake.stopped)).toBe(true)
    expect(bench.feeds.every((feed) => feed.ended)).toBe(true)
    expect(bench.clock.pending).toBe(0)
    expect([bench.online, bench.taken, bench.audioClosed]).toEqual([null, null, true])
    expect(bench.acts.map(({ action }) => action.type)).toEqual(how === 'leave' ? ['leave'] : [])
  })

  it('a microphone that was asked for and comes too late is given back', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.admit()
    bench.changeMe({ onStage: true })
    session.close()
    await settle()
    expect(bench.microphones[0]?.fake.stopped).toBe(true)
  })

  it('a later tab takes the seat', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter()
    bench.taken?.()
    expect(stateOf(session)).toEqual({ phase: 'left', reason: 'replaced' })
  })

  it('an old window that wakes and is told `replaced` at once may come again as a new visit', async () => {
    const bench = new Bench()
    bench.seats.set(ROOM_ID, 'outdated')
    const session = bench.start()
    bench.joins[0]?.reject(new SignallingError('replaced'))
    await settle()
    expect(stateOf(session)).toEqual({ phase: 'left', reason: 'replaced' })
    expect(bench.seats.get(ROOM_ID)).toBeUndefined()
  })

  it('somebody removed is told so', async () => {
    const bench = new Bench()
    const session = bench.start()
    await bench.enter()
    bench.news({ type: 'events', events: [{ type: 'left', participantId: SELF_ID, reason: 'removed' }] })
    expect(stateOf(session)).toEqual({ phase: 'left', reason: 'removed' })
  })
})

describe('the own recording', () => {
  const RECORDING = { takeId: takeIdSchema.parse('take1'), startedAtMs: 0 }
  const record = (bench: Bench, recording: typeof RECORDING | null) =>
    bench.news({ type: 'events', events: [{ type: 'recording', recording }] })

  async function onTape(bench = new Bench()) {
    const session = bench.start()
    await bench.enter()
    bench.changeMe({ onStage: true, recordingConsent: true })
    await settle()
    record(bench, RECORDING)
    return { bench, session }
  }

  it('runs while on stage in a recorded room, with consent, and says why it ended', async () => {
    const { bench, session } = await onTape()
    expect(bench.tapes.begun.map(({ request }) => request)).toMatchObject([{ takeId: 'take1', seat: 'seat1' }])
    expect(bench.tapes.begun[0]?.request.track).toBe(bench.microphones[0]?.track)
    expect(session.tape.get().state).toBe('on')
    bench.changeMe({ onStage: false, recordingConsent: true })
    expect(bench.tapes.begun[0]?.end).toBe('off-stage')
    bench.changeMe({ onStage: true, recordingConsent: true })
    await settle()
    record(bench, null)
    expect(bench.tapes.begun.map(({ end }) => end)).toEqual(['off-stage', 'take-ended'])
    expect(session.tape.get().state).toBe('off')
  })

  it('does not begin without consent', async () => {
    const bench = new Bench()
    bench.start()
    await bench.enter()
    bench.changeMe({ onStage: true })
    await settle()
    record(bench, RECORDING)
    expect(bench.tapes.begun).toEqual([])
  })

  it('a lost connection, a lost node and a new way in do not touch it', async () => {
    const { bench } = await onTape()
    await bench.link('dead')
    bench.news({ type: 'node', up: false })
    await bench.clock.advance(2_000)
    await bench.admit()
    await bench.answer(person({ onStage: true, recordingConsent: true }))
    await bench.link('connected')
    bench.news({ type: 'node', up: true })
    expect(bench.tapes.begun.map(({ end }) => end)).toEqual([null])
  })

  it('another microphone is another tape', async () => {
    const { bench, session } = await onTape()
    session.chooseMicrophone('usb')
    await settle()
    expect(bench.tapes.begun.map(({ end }) => end)).toEqual(['device-changed', null])
    bench.microphones[1]?.unplug()
    await settle()
    expect(bench.tapes.begun.map(({ end }) => end)).toEqual(['device-changed', 'device-changed', null])
  })

  it('a second signal of the microphone is muted with the first', async () => {
    const bench = new Bench()
    bench.tapeChoice = { sources: 'both', stereo: false }
    const { session } = await onTape(bench)
    await settle()
    expect(bench.tapes.begun.map(({ request }) => request.source)).toEqual(['processed', 'unprocessed'])
    const tracks = bench.microphones.map(({ fake }) => fake)
    expect(tracks.map(({ enabled }) => enabled)).toEqual([true, true])
    void session.setMuted(true).catch(() => undefined)
    expect(tracks.map(({ enabled }) => enabled)).toEqual([false, false])
  })

  it.each([
    ['left', (session: RoomSession) => void session.leave()],
    ['left', (session: RoomSession) => session.close()],
    ['take-ended', (_session: RoomSession, bench: Bench) => bench.news({ type: 'ended', reason: 'room-ended' })],
  ] as const)('ends as `%s` with the session', async (end, how) => {
    const { bench, session } = await onTape()
    how(session, bench)
    await settle()
    expect(bench.tapes.begun.map((tape) => tape.end)).toEqual([end])
  })
})
