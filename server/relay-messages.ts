import * as z from 'zod'

/** Between the server and the relay that it runs beside itself, over Node's IPC channel. */

export const fromRelaySchema = z.discriminatedUnion('type', [
  /** It has registered. */
  z.object({ type: z.literal('ready'), nodeId: z.string() }),
  /** It cannot work as things are; why, in words. */
  z.object({ type: z.literal('failed'), reason: z.string() }),
])
export type FromRelay = z.infer<typeof fromRelaySchema>

export const toRelaySchema = z.discriminatedUnion('type', [
  /** The server listens there now. */
  z.object({ type: z.literal('serve'), serverUrl: z.string() }),
  z.object({ type: z.literal('stop') }),
])
export type ToRelay = z.infer<typeof toRelaySchema>

/** The argument by which the server starts its own relay: it shares the data folder and the server's fate. */
export const BESIDE_SERVER = '--beside-server'
