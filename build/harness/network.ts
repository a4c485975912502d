import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** A host of our own behind a cable that can be cut: a Linux network namespace with a veth pair. */
export interface CuttableHost extends AsyncDisposable {
  /** This machine as the host sees it. */
  gateway: string
  /** Wraps an executable so that it runs on that host; answers the wrapper's path. */
  wrapExecutable(executable: string, folder: string): string
  /** Every packet is dropped silently, both ways, as when Wi-Fi fades. */
  cut(): void
  heal(): void
  /** Of the UDP packets that come to the host, this share is lost from now on, by chance and one by one; 0: none. */
  lose(percent: number): void
  /** UDP packets from this port do not come in any more. */
  refuseFrom(port: number): void
}

/** Why a namespace cannot be had here, as one sentence; null where it can. */
export function whyNoNamespaces(): string | null {
  if (process.platform !== 'linux') return 'Network cuts are tested on Linux only.'
  if (process.getuid?.() !== 0) return 'Network cuts need root (ip netns).'
  try {
    run('nft', ['--version'])
    run('ip', ['-V'])
    return null
  } catch {
    return 'Network cuts need the programs ip (iproute2) and nft (nftables).'
  }
}

function run(command: string, args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Makes the namespace. `index` (0 to 250) keeps several apart. */
export function openCuttableHost(index: number): CuttableHost {
  const name = `engawa-${process.pid}-${index}`
  const outside = `ew${process.pid % 100_000}x${index}`
  const gateway = `10.213.${index}.1`
  const inside = (args: string[]) => run('ip', ['netns', 'exec', name, ...args])
  run('ip', ['netns', 'add', name])
  run('ip', ['link', 'add', outside, 'type', 'veth', 'peer', 'name', 'veth0', 'netns', name])
  run('ip', ['addr', 'add', `${gateway}/24`, 'dev', outside])
  run('ip', ['link', 'set', outside, 'up'])
  inside(['ip', 'addr', 'add', `10.213.${index}.2/24`, 'dev', 'veth0'])
  inside(['ip', 'link', 'set', 'veth0', 'up'])
  inside(['ip', 'link', 'set', 'lo', 'up'])
  inside(['ip', 'route', 'add', 'default', 'via', gateway])
  return {
    gateway,
    wrapExecutable: (executable, folder) => {
      const file = path.join(folder, `in-${name}`)
      writeFileSync(file, `#!/bin/sh\nexec ip netns exec ${name} "${executable}" "$@"\n`)
      chmodSync(file, 0o755)
      return file
    },
    cut: () => {
      inside(['nft', 'add', 'table', 'inet', 'cut'])
      for (const hook of ['input', 'output'])
        inside(['nft', 'add', 'chain', 'inet', 'cut', hook, `{ type filter hook ${hook} priority 0; policy drop; }`])
      // The browser's own pipes and loopback stay.
      inside(['nft', 'add', 'rule', 'inet', 'cut', 'input', 'iif', 'lo', 'accept'])
      inside(['nft', 'add', 'rule', 'inet', 'cut', 'output', 'oif', 'lo', 'accept'])
    },
    heal: () => inside(['nft', 'delete', 'table', 'inet', 'cut']),
    lose: (percent) => {
      inside(['nft', 'add table inet loss'])
      inside(['nft', 'add chain inet loss input { type filter hook input priority 0; }'])
      inside(['nft', 'flush table inet loss'])
      if (percent === 0) return
      const chance = `numgen random mod 100 < ${percent}`
      inside(['nft', `add rule inet loss input iif veth0 meta l4proto udp ${chance} drop`])
    },
    refuseFrom: (port) => {
      inside(['nft', 'add table inet refusal'])
      inside(['nft', 'add chain inet refusal input { type filter hook input priority 0; }'])
      inside(['nft', `add rule inet refusal input udp sport ${port} drop`])
    },
    [Symbol.asyncDispose]: async () => {
      run('ip', ['netns', 'delete', name])
    },
  }
}
