import { engineOffer } from '../load/sdp.ts'
import { type ChildSfu, startChildSfu } from './child-sfu.ts'

/** Ours, on one thread. `packetMs`: how much sound the audience's packets hold. `sends`: as a relay on Linux does it, or as everywhere else. */
export function startEngine(packetMs: 20 | 40 | 60 | 120, sends: 'batched' | 'dgram' = 'batched'): Promise<ChildSfu> {
  return startChildSfu({
    name: sends === 'batched' ? 'Engawa' : 'Engawa, by dgram',
    program: 'engine.ts',
    env: { ENGAWA_BENCH_PACKET_MS: String(packetMs), ENGAWA_BENCH_BATCHED: sends === 'batched' ? 'on' : 'off' },
    offerOf: engineOffer,
  })
}
