import { engineOffer } from '../load/sdp.ts'
import { type ChildSfu, startChildSfu } from './child-sfu.ts'

/** Ours, on one thread. `packetMs`: how much sound the audience's packets hold. */
export function startEngine(packetMs: 20 | 40 | 60 | 120): Promise<ChildSfu> {
  return startChildSfu({
    name: 'Engawa',
    program: 'engine.ts',
    env: { ENGAWA_BENCH_PACKET_MS: String(packetMs) },
    offerOf: engineOffer,
  })
}
