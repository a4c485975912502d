import type { Participant } from '../../sfu-core/contract/state.ts'

/** What the page believes of the own microphone. It is never more open than both the person and the node say. */
export interface MicGate {
  /** Null off stage, and until the node has told where we are (but see MUTED_BEFORE). */
  readonly wanted: 'muted' | 'open' | null
  readonly onStage: boolean
  /** The node's word. */
  readonly nodeMuted: boolean
}

export const CLOSED_GATE: MicGate = { wanted: null, onStage: false, nodeMuted: true }

/** The gate after a reload by somebody who had muted: the node may not have heard of it. */
export const MUTED_BEFORE: MicGate = { ...CLOSED_GATE, wanted: 'muted' }

/** Sound may leave the microphone. */
export function isOpen(gate: MicGate): boolean {
  return gate.onStage && gate.wanted === 'open' && !gate.nodeMuted
}

/** The person muted: at once, whatever the network does. Off stage there is nothing to mute. */
export function muteLocally(gate: MicGate): MicGate {
  return gate.onStage ? { ...gate, wanted: 'muted' } : gate
}

/** The node has accepted an unmute that the person asked for. */
export function unmuteAccepted(gate: MicGate): MicGate {
  return { ...gate, wanted: 'open' }
}

/**
 * The node's news of ourselves. Coming on stage takes the node's word as it is; after that the node can close
 * the microphone but not open it: a seat that comes back without its mute stays muted here.
 */
export function seenByNode(gate: MicGate, me: Pick<Participant, 'onStage' | 'muted'>): MicGate {
  if (!me.onStage) return { wanted: null, onStage: false, nodeMuted: me.muted }
  const wanted = me.muted ? 'muted' : (gate.wanted ?? 'open')
  return { wanted, onStage: true, nodeMuted: me.muted }
}

/** The node thinks that we are open while we are muted: it must be told again. */
export function nodeMustMute(gate: MicGate): boolean {
  return gate.onStage && gate.wanted === 'muted' && !gate.nodeMuted
}
