import type { SeatClaims } from './ports.ts'

const CHANNEL = 'engawa:seats'

/**
 * Two tabs of one browser that sit on the same seat (a duplicated tab copies sessionStorage) would push each
 * other out for ever: the later one tells the earlier one, which goes.
 */
export const browserSeatClaims: SeatClaims = {
  claim: (participantId, onTaken) => {
    const channel = new BroadcastChannel(CHANNEL)
    channel.addEventListener('message', (message: MessageEvent<unknown>) => {
      if (message.data === participantId) onTaken()
    })
    channel.postMessage(participantId)
    return () => channel.close()
  },
}
