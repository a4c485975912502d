import { once } from 'node:events'
import { endChild, startChild } from '../load/children.ts'
import { SFU_CORE } from '../load/cores.ts'
import { buildNative } from '../load/native.ts'
import type { Sfu } from './sfu.ts'

const HOST = '127.0.0.1'

/** The floor: a C loop of `sendto` (native/sendto-loop.c), without encryption or a look at the packets. */
export async function startSendtoLoop(): Promise<Sfu> {
  const { sendtoLoop } = await buildNative()
  const child = await startChild(sendtoLoop, [HOST], { core: SFU_CORE, stdio: ['pipe', 'pipe', 'inherit'] })
  if (!child.stdout) throw new Error('no pipe')
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(line.toString())
  return {
    name: 'C sendto loop',
    pid: child.pid,
    // Its listeners make themselves known by a datagram of one byte.
    join: async () => ({ isPlain: true, host: HOST, port }),
    leave: async () => {},
    [Symbol.asyncDispose]: () => endChild(child),
  }
}
