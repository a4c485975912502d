/**
 * node build/kernel.ts: compiles the SRTP kernel (sfu-core/transport/srtp/kernel/assembly, AssemblyScript) to the bytes
 * that are committed beside it. Run it after every change there; kernel.test.ts fails where the two differ.
 */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import asc from 'assemblyscript/asc'
import { repositoryRoot } from './paths.ts'

const KERNEL_FOLDER = path.join(repositoryRoot, 'sfu-core/transport/srtp/kernel')
const ENTRY = 'assembly/index.ts'
const BYTES_FILE = path.join(KERNEL_FOLDER, 'kernel-bytes.ts')
const BASE64_COLUMNS = 116

/**
 * No runtime and no abort: the kernel allocates nothing and traps where it must. Its memory comes from outside, with one
 * size for good. asc keeps a page of its own memory only where there is static data; there is none.
 */
const OPTIONS = [
  '-O3',
  '--runtime=stub',
  '--enable=simd,relaxed-simd',
  '--importMemory',
  '--noExportMemory',
  '--initialMemory=1',
  '--use=abort=',
]

/** @throws Error with the compiler's messages where the sources do not compile. */
export async function compileKernel(): Promise<Uint8Array> {
  let binary: Uint8Array | null = null
  const { error, stderr } = await asc.main([ENTRY, '--outFile=kernel.wasm', ...OPTIONS], {
    readFile: (name, baseDir) => readFile(path.resolve(KERNEL_FOLDER, baseDir, name), 'utf8').catch(() => null),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = contents
    },
    listFiles: () => [],
  })
  if (error || !binary) throw new Error(`${error?.message ?? 'no output'}\n${stderr.toString()}`)
  return binary
}

export async function committedKernel(): Promise<string> {
  return readFile(BYTES_FILE, 'utf8')
}

/** The TypeScript file that holds the bytes. */
export function kernelSource(binary: Uint8Array): string {
  const base64 = Buffer.from(binary).toString('base64')
  const lines = base64.match(new RegExp(`.{1,${BASE64_COLUMNS}}`, 'g')) ?? []
  const quoted = lines.map((line) => `  '${line}',`)
  return [
    '/** Made by `node build/kernel.ts` from assembly/: do not edit. WebAssembly, base64. */',
    'export const KERNEL_BASE64 = [',
    ...quoted,
    "].join('')",
    '',
  ].join('\n')
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const binary = await compileKernel()
  await writeFile(BYTES_FILE, kernelSource(binary))
  console.log(`${path.relative(repositoryRoot, BYTES_FILE)}: ${binary.length} bytes of WebAssembly`)
}
