import type { HostingRequest, HostingStatus } from '../../contract/bridge.ts'
import {
  BACK_OFF_MS,
  CRASH_WINDOW_MS,
  CRASHES_MAX,
  KILL_WAIT_MS,
  LOADED_TIMEOUT_MS,
  READY_TIMEOUT_MS,
  STOP_WAIT_MS,
} from './limits.ts'

/** Decides what happens to the hosting process. Pure: a step takes a state and an event and says what to do. */

export type SupervisorState =
  | { at: 'off' }
  | { at: 'failed'; detail: string }
  /** A process exists and is not registered yet. */
  | ({ at: 'starting'; pid: number | null; loaded: boolean } & Work)
  | ({ at: 'hosting'; pid: number; held: Held; startedAtMs: number } & Work)
  /** The process died; the next one is started after a while. */
  | ({ at: 'backing-off' } & Work)
  /** The process was asked to end, or is being killed. */
  | { at: 'stopping'; killed: boolean; next: AfterStop }

/** What goes on from one life of the process to the next. */
interface Work {
  request: HostingRequest
  crashTimesMs: number[]
  /** What it runs; after a crash what it ran, until it has registered again. null: it has never registered. */
  held: Held | null
}

interface Held {
  nodeId: string
  rooms: number
}

type AfterStop =
  | { type: 'off' }
  | { type: 'failed'; detail: string }
  | { type: 'start'; request: HostingRequest }
  /** It hung: its end counts as a crash. */
  | ({ type: 'restart' } & Work)

export type SupervisorEvent =
  | { type: 'start'; request: HostingRequest }
  | { type: 'stop' }
  | { type: 'spawned'; pid: number }
  | { type: 'loaded' }
  | { type: 'ready'; nodeId: string; rooms: number }
  | { type: 'rooms'; rooms: number }
  | { type: 'token'; nodeToken: string }
  | { type: 'refused'; detail: string }
  /** However it ended: the state knows whether that was asked for. */
  | { type: 'exited' }
  | { type: 'timer' }

export type SupervisorEffect =
  | { type: 'spawn'; request: HostingRequest }
  | { type: 'ask-to-stop' }
  | { type: 'kill' }
  /** Forget the process: it was killed and no news of its end came. */
  | { type: 'abandon' }
  /** One timer at a time: setting it calls the earlier one off. null: none. */
  | { type: 'timer'; delayMs: number | null }

export interface Step {
  state: SupervisorState
  effects: SupervisorEffect[]
}

export const TOO_MANY_CRASHES =
  'Hosting stopped: the audio process crashed several times within a minute. The log file has the details.'
export const NO_ANSWER = 'The server did not answer. Check that it runs and that this computer can reach it.'
export const HUNG = 'The audio process did not start.'

/** @param nowMs ms since the Unix epoch. */
export function step(state: SupervisorState, event: SupervisorEvent, nowMs: number): Step {
  switch (event.type) {
    case 'start':
      return onStart(state, event.request)
    case 'stop':
      return onStop(state)
    case 'spawned':
      return stay(state.at === 'starting' ? { ...state, pid: event.pid } : state)
    case 'loaded':
      return onLoaded(state)
    case 'ready':
      return onReady(state, { nodeId: event.nodeId, rooms: event.rooms }, nowMs)
    case 'rooms':
      return onRooms(state, event.rooms)
    case 'token':
      return stay('request' in state ? { ...state, request: { ...state.request, nodeToken: event.nodeToken } } : state)
    case 'refused':
      return onRefused(state, event.detail)
    case 'exited':
      return onExited(state, nowMs)
    case 'timer':
      return onTimer(state, nowMs)
  }
}

/** What the page is told. */
export function statusOf(state: SupervisorState): HostingStatus {
  switch (state.at) {
    case 'off':
      return { state: 'off' }
    case 'failed':
      return { state: 'failed', detail: state.detail }
    case 'starting':
    case 'backing-off':
      return state.crashTimesMs.length === 0 ? { state: 'starting' } : restarting(state.crashTimesMs.length, state.held)
    case 'hosting':
      return { state: 'hosting', pid: state.pid, startedAtMs: state.startedAtMs, ...state.held }
    case 'stopping':
      return stoppingStatus(state.next)
  }
}

function restarting(crashes: number, held: Held | null): HostingStatus {
  return { state: 'restarting', crashes, nodeId: held?.nodeId ?? null, rooms: held?.rooms ?? 0 }
}

function stoppingStatus(next: AfterStop): HostingStatus {
  switch (next.type) {
    case 'off':
      return { state: 'off' }
    case 'failed':
      return { state: 'failed', detail: next.detail }
    case 'start':
      return { state: 'starting' }
    case 'restart':
      return restarting(next.crashTimesMs.length + 1, next.held)
  }
}

/** Whether a caller of `start` has to wait for more. */
export function isSettled(state: SupervisorState): boolean {
  return state.at === 'off' || state.at === 'failed' || state.at === 'hosting'
}

function stay(state: SupervisorState): Step {
  return { state, effects: [] }
}

function onStart(state: SupervisorState, request: HostingRequest): Step {
  switch (state.at) {
    case 'off':
    case 'failed':
      return spawn(newWork(request))
    case 'stopping':
      return stay({ ...state, next: { type: 'start', request } })
    case 'backing-off':
      return spawn({ ...state, request })
    case 'starting':
    case 'hosting':
      return state.request.serverUrl === request.serverUrl ? stay(state) : askToStop({ type: 'start', request })
  }
}

function onStop(state: SupervisorState): Step {
  switch (state.at) {
    case 'off':
      return stay(state)
    case 'failed':
      return stay({ at: 'off' })
    case 'stopping':
      return stay({ ...state, next: { type: 'off' } })
    case 'backing-off':
      return { state: { at: 'off' }, effects: [{ type: 'timer', delayMs: null }] }
    case 'starting':
    case 'hosting':
      return askToStop({ type: 'off' })
  }
}

function onLoaded(state: SupervisorState): Step {
  if (state.at !== 'starting') return stay(state)
  // After a crash there are rooms to bring back: the process then waits for its server as long as it takes.
  const delayMs = state.crashTimesMs.length === 0 ? READY_TIMEOUT_MS : null
  return { state: { ...state, loaded: true }, effects: [{ type: 'timer', delayMs }] }
}

function onReady(state: SupervisorState, held: Held, nowMs: number): Step {
  // A later `ready` tells of a line that was mended: the node is the same one.
  if (state.at === 'hosting') return onRooms(state, held.rooms)
  if (state.at !== 'starting' || state.pid === null) return stay(state)
  const { request, crashTimesMs, pid } = state
  return {
    state: { at: 'hosting', request, crashTimesMs, pid, held, startedAtMs: nowMs },
    effects: [{ type: 'timer', delayMs: null }],
  }
}

/** Before `ready` rooms are still coming back one by one; `ready` tells of all of them. */
function onRooms(state: SupervisorState, rooms: number): Step {
  return stay(state.at === 'hosting' ? { ...state, held: { ...state.held, rooms } } : state)
}

function onRefused(state: SupervisorState, detail: string): Step {
  return state.at === 'starting' || state.at === 'hosting' ? askToStop({ type: 'failed', detail }) : stay(state)
}

function onExited(state: SupervisorState, nowMs: number): Step {
  switch (state.at) {
    case 'starting':
    case 'hosting':
      return afterCrash(state, nowMs)
    case 'stopping':
      return afterStop(state.next, nowMs)
    case 'off':
    case 'failed':
    case 'backing-off':
      return stay(state)
  }
}

function onTimer(state: SupervisorState, nowMs: number): Step {
  switch (state.at) {
    case 'starting':
      return kill(hungNext(state))
    case 'backing-off':
      return spawn(state)
    case 'stopping': {
      if (!state.killed) return kill(state.next)
      const { state: next, effects } = afterStop(state.next, nowMs)
      return { state: next, effects: [{ type: 'abandon' }, ...effects] }
    }
    case 'off':
    case 'failed':
    case 'hosting':
      return stay(state)
  }
}

/** At the first start somebody waits for an answer; after a crash the rooms are worth another try. */
function hungNext({ loaded, ...state }: Extract<SupervisorState, { at: 'starting' }>): AfterStop {
  if (state.crashTimesMs.length > 0) return { type: 'restart', ...workOf(state) }
  return { type: 'failed', detail: loaded ? NO_ANSWER : HUNG }
}

function newWork(request: HostingRequest): Work {
  return { request, crashTimesMs: [], held: null }
}

function workOf({ request, crashTimesMs, held }: Work): Work {
  return { request, crashTimesMs, held }
}

function spawn(work: Work): Step {
  return {
    state: { at: 'starting', ...workOf(work), pid: null, loaded: false },
    effects: [
      { type: 'timer', delayMs: LOADED_TIMEOUT_MS },
      { type: 'spawn', request: work.request },
    ],
  }
}

function askToStop(next: AfterStop): Step {
  return {
    state: { at: 'stopping', killed: false, next },
    effects: [{ type: 'ask-to-stop' }, { type: 'timer', delayMs: STOP_WAIT_MS }],
  }
}

function kill(next: AfterStop): Step {
  return {
    state: { at: 'stopping', killed: true, next },
    effects: [{ type: 'kill' }, { type: 'timer', delayMs: KILL_WAIT_MS }],
  }
}

function afterStop(next: AfterStop, nowMs: number): Step {
  const noTimer: SupervisorEffect = { type: 'timer', delayMs: null }
  switch (next.type) {
    case 'off':
      return { state: { at: 'off' }, effects: [noTimer] }
    case 'failed':
      return { state: { at: 'failed', detail: next.detail }, effects: [noTimer] }
    case 'start':
      return spawn(newWork(next.request))
    case 'restart':
      return afterCrash(next, nowMs)
  }
}

function afterCrash(before: Work, nowMs: number): Step {
  const crashTimesMs = [...before.crashTimesMs.filter((timeMs) => nowMs - timeMs < CRASH_WINDOW_MS), nowMs]
  const delayMs = BACK_OFF_MS[crashTimesMs.length - 1]
  if (crashTimesMs.length >= CRASHES_MAX || delayMs === undefined) {
    return { state: { at: 'failed', detail: TOO_MANY_CRASHES }, effects: [{ type: 'timer', delayMs: null }] }
  }
  const work = { ...workOf(before), crashTimesMs }
  if (delayMs === 0) return spawn(work)
  return { state: { at: 'backing-off', ...work }, effects: [{ type: 'timer', delayMs }] }
}
