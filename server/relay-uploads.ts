import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import type { NodeLink } from '../sfu-core/contract/node-protocol.ts'
import { Refusal } from '../sfu-core/contract/reasons.ts'
import { TAKE_MANIFEST_NAME, type TakeManifest } from '../sfu-core/contract/take.ts'

export interface UploadOptions {
  serverUrl: string
  relayKey: string
  takesFolder: string
}

/**
 * A relay on a machine of its own sends a take's files when the take has ended. The report of the end counts
 * as failed until all files are there, so that the node tries again, also after a restart.
 */
export function withUploads(link: NodeLink, options: UploadOptions): NodeLink {
  return {
    open: (handlers) => link.open(handlers),
    publish: (publication) => link.publish(publication),
    heartbeat: (heartbeat) => link.heartbeat(heartbeat),
    close: () => link.close(),
    async reportTake(manifest) {
      await link.reportTake(manifest)
      if (manifest.endedAtMs !== null) await uploadTake(options, manifest)
    },
  }
}

/** The description last: with it the take is whole. */
async function uploadTake(options: UploadOptions, manifest: TakeManifest): Promise<void> {
  for (const track of manifest.tracks) await uploadFile(options, manifest, track.file)
  await uploadFile(options, manifest, TAKE_MANIFEST_NAME)
}

async function uploadFile(options: UploadOptions, { roomId, takeId }: TakeManifest, name: string): Promise<void> {
  const file = path.join(options.takesFolder, roomId, takeId, name)
  const { size } = await stat(file)
  const url = `${options.serverUrl}/api/node/takes/${takeId}/files/${encodeURIComponent(name)}`
  const response = await fetch(url, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${options.relayKey}`,
      'content-type': 'application/octet-stream',
      'content-length': String(size),
      'x-content-sha256': await hashOf(file),
    },
    body: Readable.toWeb(createReadStream(file)) as ReadableStream,
    duplex: 'half',
  })
  if (response.ok) return
  throw new Refusal('server-error', `the server does not take ${name}: ${response.status} ${await response.text()}`)
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(file)) hash.update(part)
  return hash.digest('hex')
}
