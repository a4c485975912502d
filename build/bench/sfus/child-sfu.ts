import path from 'node:path'
import { MEDIA_SEMI_SPACE_MB } from '../../../sfu-core/contract/limits.ts'
import { repositoryRoot } from '../../paths.ts'
import { endChild, startChild } from '../load/children.ts'
import { SFU_CORE } from '../load/cores.ts'
import { type RemoteEnd, readRemoteEnd } from '../load/sdp.ts'
import type { Joiner, Sfu } from './sfu.ts'

/** A forwarder of sfu-core/bench in a process of its own. */
export interface ChildSfu extends Sfu {
  join(joiner: Joiner): Promise<RemoteEnd>
  /** Makes it collect its garbage. */
  collectGarbage(): Promise<void>
  /** What it tells of itself. */
  dump(): Promise<unknown>
}

interface ChildSfuOptions {
  name: string
  /** The program's file in sfu-core/bench. */
  program: string
  env?: Record<string, string> | undefined
  offerOf(joiner: Joiner): string
}

type Reply = { call: number; result: unknown } | { call: number; error: string }

/** The messages are those of sfu-core/bench/control.ts. */
export async function startChildSfu({ name, program, env, offerOf }: ChildSfuOptions): Promise<ChildSfu> {
  const file = path.join(repositoryRoot, 'sfu-core/bench', program)
  const child = await startChild(
    process.execPath,
    ['--expose-gc', `--max-semi-space-size=${MEDIA_SEMI_SPACE_MB}`, file],
    {
      core: SFU_CORE,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...env },
    },
  )
  const calls = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  let lastCall = 0
  const ready = new Promise((resolve, reject) => calls.set(0, { resolve, reject }))
  child.on('message', (message) => {
    const reply = message as Reply
    const call = calls.get(reply.call)
    calls.delete(reply.call)
    if ('error' in reply) call?.reject(new Error(`${name}: ${reply.error}`))
    else call?.resolve(reply.result)
  })
  child.once('exit', (code) => {
    for (const { reject } of calls.values()) reject(new Error(`${name} ended (${code})`))
  })
  const ask = (request: object) =>
    new Promise<unknown>((resolve, reject) => {
      lastCall += 1
      calls.set(lastCall, { resolve, reject })
      child.send({ call: lastCall, ...request })
    })
  await ready
  return {
    name,
    pid: child.pid,
    join: async (joiner) => {
      const { id, role, group } = joiner
      return readRemoteEnd(String(await ask({ type: 'join', id, role, group, offer: offerOf(joiner) })))
    },
    leave: async (ids) => {
      await ask({ type: 'leave', ids })
    },
    collectGarbage: async () => {
      await ask({ type: 'gc' })
    },
    dump: () => ask({ type: 'dump' }),
    [Symbol.asyncDispose]: () => endChild(child),
  }
}
