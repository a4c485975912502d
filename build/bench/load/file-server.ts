/**
 * The peer of `bench -- tape`: the least that a server can do with an upload and still say "it is safe": hash it, write it, flush
 * file and folder, answer. Run by itself: node file-server.ts FOLDER; says its port to the parent.
 */
import { createHash } from 'node:crypto'
import { mkdir, open, rename } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import path from 'node:path'

const folder = process.argv[2] ?? ''

async function keep(request: IncomingMessage): Promise<string> {
  const [tape = '', , index = ''] = (request.url ?? '').split('/').slice(-3)
  const place = path.join(folder, tape)
  await mkdir(place, { recursive: true })
  const file = path.join(place, index)
  const hash = createHash('sha256')
  const handle = await open(`${file}.part`, 'w')
  for await (const part of request) {
    hash.update(part as Buffer)
    await handle.write(part as Buffer)
  }
  await handle.sync()
  await handle.close()
  await rename(`${file}.part`, file)
  const around = await open(place, 'r')
  await around.sync()
  await around.close()
  return hash.digest('hex')
}

const server = createServer((request, response) => {
  keep(request).then(
    (sha256) => response.end(JSON.stringify({ sha256 })),
    (error: unknown) => response.writeHead(500).end(String(error)),
  )
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.send?.({ type: 'ready', port: address?.port })
})
process.on('disconnect', () => process.exit(0))
