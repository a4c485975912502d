import type * as z from 'zod'
import type { TakeClock } from '../../sfu-core/contract/node-protocol.ts'
import type { TapeStanding } from '../../sfu-core/contract/tape.ts'
import type { Connection } from '../call-context.ts'
import type { endTapeInput, openTapeInput, stripInput, tapeInput } from '../contract/inputs.ts'
import type { TapeGrant, TapeStored } from '../contract/views.ts'

/** The rules about tapes, as the router sees them. All refuse with Refusal. */
export interface TapesApi {
  /** A place for a tape, for whom the take may record; the same tape again gets the same place. */
  open(caller: Connection, input: z.output<typeof openTapeInput>): Promise<TapeGrant>
  /** What of it is here. */
  state(caller: Connection, input: z.output<typeof tapeInput>): Promise<TapeStored>
  /** No more will be captured. The last word counts, as long as what is here fits. */
  end(caller: Connection, input: z.output<typeof endTapeInput>): Promise<null>
  /** Where the take's clock stands, by its node. `no-take` once it has ended. */
  clock(caller: Connection, input: z.output<typeof tapeInput>): Promise<TakeClock>
  /** How safe the speakers are, at most once a second: hosts see all, others themselves. */
  strip(caller: Connection, input: z.output<typeof stripInput>, signal: AbortSignal): AsyncIterable<TapeStanding[]>
}
