import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'

/** Programs that the running bench has started; they end with it, whatever happens. */
const running = new Set<ChildProcess>()

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

/** Like spawn; `core` binds the program to one processor core (null: to none). Throws where it cannot be started. */
export async function startChild(
  command: string,
  args: string[],
  options: SpawnOptions & { core: number | null },
): Promise<ChildProcess & { pid: number }> {
  const { core, ...rest } = options
  const [name, all] = core === null ? [command, args] : ['taskset', ['-c', String(core), command, ...args]]
  const child = spawn(name, all, rest)
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', () => resolve())
    child.once('error', (error) => reject(new Error(`${name} cannot be started: ${error.message}`)))
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child as ChildProcess & { pid: number }
}

/** Asks it to end, insists after `patienceMs`, and waits. Idempotent. */
export async function endChild(child: ChildProcess, patienceMs = 3_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const insist = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  await ended
  clearTimeout(insist)
}
