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
  | { at: 'starting'; request: HostingRequest; crashTimesMs: number[]; pid: number | null; loaded: boolean }
  | { at: 'hosting'; request: HostingRequest; crashTimesMs: number[]; pid: number; nodeId: string; startedAtMs: number }
  /** The process died; the next one is started after a while. */
  | { at: 'backing-off'; request: HostingRequest; crashTimesMs: number[] }
  /** The process was asked to end, or is being killed. */
  | { at: 'stopping'; killed: boolean; next: AfterStop }

type AfterStop =
  | { type: 'off' }
  | { type: 'failed'; detail: string }
  | { type: 'start'; request: HostingRequest }
  /** It hung: its end counts as a crash. */
  | { type: 'restart'; request: HostingRequest; crashTimesMs: number[] }

export type SupervisorEvent =
  | { type: 'start'; request: HostingRequest }
  | { type: 'stop' }
  | { type: 'spawned'; pid: number }
  | { type: 'loaded' }
  | { type: 'ready'; nodeId: string }
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
      return onReady(state, event.nodeId, nowMs)
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
      return startingStatus(state.crashTimesMs)
    case 'backing-off':
      return startingStatus(state.crashTimesMs)
    case 'hosting':
      return { state: 'hosting', nodeId: state.nodeId, pid: state.pid, startedAtMs: state.startedAtMs }
    case 'stopping':
      return stoppingStatus(state.next)
  }
}

function startingStatus(crashTimesMs: readonly number[]): HostingStatus {
  return crashTimesMs.length === 0 ? { state: 'starting' } : { state: 'restarting', crashes: crashTimesMs.length }
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
      return { state: 'restarting', crashes: next.crashTimesMs.length + 1 }
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
      return spawn(request, [])
    case 'stopping':
      return stay({ ...state, next: { type: 'start', request } })
    case 'backing-off':
      return spawn(request, state.crashTimesMs)
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

function onReady(state: SupervisorState, nodeId: string, nowMs: number): Step {
  // A later `ready` tells of a line that was mended: nothing changes.
  if (state.at !== 'starting' || state.pid === null) return stay(state)
  const { request, crashTimesMs, pid } = state
  return {
    state: { at: 'hosting', request, crashTimesMs, pid, nodeId, startedAtMs: nowMs },
    effects: [{ type: 'timer', delayMs: null }],
  }
}

function onRefused(state: SupervisorState, detail: string): Step {
  return state.at === 'starting' || state.at === 'hosting' ? askToStop({ type: 'failed', detail }) : stay(state)
}

function onExited(state: SupervisorState, nowMs: number): Step {
  switch (state.at) {
    case 'starting':
    case 'hosting':
      return afterCrash(state.request, state.crashTimesMs, nowMs)
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
      return spawn(state.request, state.crashTimesMs)
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
function hungNext({ request, crashTimesMs, loaded }: Extract<SupervisorState, { at: 'starting' }>): AfterStop {
  if (crashTimesMs.length > 0) return { type: 'restart', request, crashTimesMs }
  return { type: 'failed', detail: loaded ? NO_ANSWER : HUNG }
}

function spawn(request: HostingRequest, crashTimesMs: number[]): Step {
  return {
    state: { at: 'starting', request, crashTimesMs, pid: null, loaded: false },
    effects: [
      { type: 'timer', delayMs: LOADED_TIMEOUT_MS },
      { type: 'spawn', request },
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
      return spawn(next.request, [])
    case 'restart':
      return afterCrash(next.request, next.crashTimesMs, nowMs)
  }
}

function afterCrash(request: HostingRequest, earlierTimesMs: number[], nowMs: number): Step {
  const crashTimesMs = [...earlierTimesMs.filter((timeMs) => nowMs - timeMs < CRASH_WINDOW_MS), nowMs]
  const delayMs = BACK_OFF_MS[crashTimesMs.length - 1]
  if (crashTimesMs.length >= CRASHES_MAX || delayMs === undefined) {
    return { state: { at: 'failed', detail: TOO_MANY_CRASHES }, effects: [{ type: 'timer', delayMs: null }] }
  }
  if (delayMs === 0) return spawn(request, crashTimesMs)
  return { state: { at: 'backing-off', request, crashTimesMs }, effects: [{ type: 'timer', delayMs }] }
}
