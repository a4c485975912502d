import * as z from 'zod'

/** Between the main process and the hosting process, over parentPort. Both sides parse what they get. */

const hostConfigSchema = z.object({
  serverUrl: z.url({ protocol: /^https?$/ }),
  nodeToken: z.string().min(1),
  /** Absolute path of the folder for takes; made where it is missing. */
  takesFolder: z.string().min(1),
  appVersion: z.string(),
  /** How people see this node, e.g. the computer's name. */
  nodeName: z.string().min(1).max(120),
  /** How browsers reach this computer from outside; see electron/main/rtc-config.ts. */
  rtc: z.object({
    stunServers: z.array(z.string().min(1)),
    announcedAddresses: z.array(z.string().min(1)),
    portRange: z.tuple([z.int().min(1).max(65_535), z.int().min(1).max(65_535)]).nullable(),
  }),
})
export type HostConfig = z.infer<typeof hostConfigSchema>

export const toHostSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), config: hostConfigSchema }),
  /** Instead of `start`: close the takes that a crash left open, then exit with 0. */
  z.object({ type: z.literal('mend'), takesFolder: z.string().min(1) }),
  /** End rooms' media and takes, then exit with 0. */
  z.object({ type: z.literal('stop') }),
])
export type ToHost = z.infer<typeof toHostSchema>

const roomCountSchema = z.int().min(0)

export const fromHostSchema = z.discriminatedUnion('type', [
  /** The process runs and has its config; the line to the server is being made. */
  z.object({ type: z.literal('loaded') }),
  /** Registered, with the rooms that the server gave it. Again after each registration. */
  z.object({ type: z.literal('ready'), nodeId: z.string().min(1), rooms: roomCountSchema }),
  /** How many rooms are open, each time that this has changed. */
  z.object({ type: z.literal('rooms'), rooms: roomCountSchema }),
  /** The line to the server is being made again. Rooms and their audio go on meanwhile. */
  z.object({ type: z.literal('connecting') }),
  /** A fresh permission to register, for the next life of this process. */
  z.object({ type: z.literal('token'), nodeToken: z.string().min(1) }),
  /** The server will not have this node; trying again is of no use. */
  z.object({ type: z.literal('refused'), reason: z.string(), detail: z.string() }),
])
export type FromHost = z.infer<typeof fromHostSchema>
