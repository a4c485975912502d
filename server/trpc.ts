import { initTRPC } from '@trpc/server'
import { Refusal } from '../sfu-core/contract/reasons.ts'
import type { CallContext } from './call-context.ts'
import { CALL_TIMEOUT_MS } from './limits.ts'
import { tell, trpcErrorFor } from './refusals.ts'

const t = initTRPC.context<CallContext>().create({
  // Stacks stay here, whatever NODE_ENV says.
  isDev: false,
  errorFormatter: ({ shape, error }) => {
    const { detail, message } = tell(error)
    return { ...shape, message, data: { ...shape.data, engawa: detail } }
  },
})

/** A refusal of the rules gets the HTTP status of its reason. */
const refusals = t.middleware(async ({ ctx, next, type }) => {
  await ctx.connection.countCall().catch(rethrow)
  const result = await (type === 'subscription' ? next() : inTime(next()))
  if (!result.ok) rethrow(result.error.cause instanceof Refusal ? result.error.cause : result.error)
  return result
})

/** A database that neither answers nor hangs up must not keep a person waiting for ever. */
async function inTime<T>(result: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const refusal = new Refusal('timed-out', 'The server does not answer in time. Try again in a few seconds.')
    timer = setTimeout(() => reject(trpcErrorFor(refusal)), CALL_TIMEOUT_MS)
  })
  try {
    return await Promise.race([result, late])
  } finally {
    clearTimeout(timer)
  }
}

function rethrow(error: unknown): never {
  throw error instanceof Refusal ? trpcErrorFor(error) : error
}

export const createTrpcRouter = t.router
export const procedure = t.procedure.use(refusals)
