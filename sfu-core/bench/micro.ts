/** `node micro.ts seal|handshake|repacketize [quick]`: the rows of a bench of one part, as JSON (npm run bench shows them). */
import { benchHandshakes } from './handshake.ts'
import { benchRepacketize } from './repacketize.ts'
import { benchSeal, benchSealMemory } from './seal.ts'

const HANDSHAKES = 400
const QUICK_HANDSHAKES = 60

const BENCHES: Record<string, (isQuick: boolean) => Promise<object[]> | object[]> = {
  seal: (isQuick) => [...(isQuick ? [] : benchSealMemory()), ...benchSeal()],
  repacketize: benchRepacketize,
  handshake: (isQuick) => benchHandshakes(isQuick ? QUICK_HANDSHAKES : HANDSHAKES),
}

const [, , name = '', mode] = process.argv
const rows = await BENCHES[name]?.(mode === 'quick')
process.stdout.write(`${JSON.stringify(rows ?? [])}\n`)
