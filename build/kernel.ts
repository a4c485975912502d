/**
 * node build/kernel.ts: compiles the kernels (their folder assembly/, AssemblyScript) to the bytes that are committed beside
 * them. Run it after every change there; kernel.test.ts fails where the two differ.
 */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import asc from 'assemblyscript/asc'
import { repositoryRoot } from './paths.ts'

/** Relative to the repository: sealing and opening of packets, and noise reduction of the studio. */
export const KERNEL_FOLDERS = ['sfu-core/transport/srtp/kernel', 'sfu-core/studio/mix/kernel']
const ENTRY = 'assembly/index.ts'
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
export async function compileKernel(folder: string): Promise<Uint8Array> {
  let binary: Uint8Array | null = null
  const { error, stderr } = await asc.main([ENTRY, '--outFile=kernel.wasm', ...OPTIONS], {
    readFile: (name, baseDir) =>
      readFile(path.resolve(repositoryRoot, folder, baseDir, name), 'utf8').catch(() => null),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = contents
    },
    listFiles: () => [],
  })
  if (error || !binary) throw new Error(`${error?.message ?? 'no output'}\n${stderr.toString()}`)
  return binary
}

function bytesFile(folder: string): string {
  return path.join(repositoryRoot, folder, 'kernel-bytes.ts')
}

export async function committedKernel(folder: string): Promise<string> {
  return readFile(bytesFile(folder), 'utf8')
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
  for (const folder of KERNEL_FOLDERS) {
    const binary = await compileKernel(folder)
    await writeFile(bytesFile(folder), kernelSource(binary))
    console.log(`${folder}: ${binary.length} bytes of WebAssembly`)
  }
}
