import * as z from 'zod'
import { AUDIENCE_PACKET_MS } from './media.ts'

/** Apart from media.ts, so that the page need not load schemas for it. */
export const audiencePacketMsSchema = z.literal(AUDIENCE_PACKET_MS)
