import type { ChildProcessByStdio } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/**
 * Two homes behind NATs of their own and the internet between them, in network namespaces:
 *
 *   home 192.168.71.2 ── nat1 198.18.1.2 ── net 198.18.1.1 / 198.18.2.1 ── nat2 198.18.2.2 ── away 192.168.72.2
 *
 * Both NATs are the usual kind: one mapping per socket, and only what was written to may answer (port-restricted,
 * RFC 4787 §5: address and port dependent filtering), which is what `masquerade` and connection tracking make.
 */
export interface NattedHomes extends AsyncDisposable {
  /** The internet's own address, where a STUN server may listen. */
  netAddress: string
  /** Starts a Node program on a host; it talks JSON lines on stdin and stdout. */
  start(host: NattedHost, program: string, env?: Record<string, string>): HostProgram
  /** From now on `away`'s NAT shows another port for the mapping `fromPort`, without a word to anybody. */
  remap(fromPort: number, toPort: number): void
}

export type NattedHost = 'home' | 'net' | 'away'

export interface HostProgram extends AsyncDisposable {
  /** Sends a message, and gives the answer. */
  ask<Answer>(message: object): Promise<Answer>
}

interface Cable {
  from: string
  to: string
  fromAddress: string
  toAddress: string
}

function run(command: string, args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Needs what network.ts' `whyNoNamespaces` asks for. `index` (0 to 99) keeps several apart. */
export function openNattedHomes(index: number): NattedHomes {
  const nameOf = (host: string) => `engawa-nat-${process.pid}-${index}-${host}`
  const inside = (host: string, args: string[]) => run('ip', ['netns', 'exec', nameOf(host), ...args])
  const hosts = ['home', 'nat1', 'net', 'nat2', 'away']
  for (const host of hosts) {
    run('ip', ['netns', 'add', nameOf(host)])
    inside(host, ['ip', 'link', 'set', 'lo', 'up'])
  }
  const cables: Cable[] = [
    { from: 'home', to: 'nat1', fromAddress: '192.168.71.2/24', toAddress: '192.168.71.1/24' },
    { from: 'nat1', to: 'net', fromAddress: '198.18.1.2/24', toAddress: '198.18.1.1/24' },
    { from: 'nat2', to: 'net', fromAddress: '198.18.2.2/24', toAddress: '198.18.2.1/24' },
    { from: 'away', to: 'nat2', fromAddress: '192.168.72.2/24', toAddress: '192.168.72.1/24' },
  ]
  for (const { from, to, fromAddress, toAddress } of cables) {
    const [end, otherEnd] = [`to-${to}`, `to-${from}`]
    run('ip', [
      'link',
      'add',
      end,
      'netns',
      nameOf(from),
      'type',
      'veth',
      'peer',
      'name',
      otherEnd,
      'netns',
      nameOf(to),
    ])
    inside(from, ['ip', 'addr', 'add', fromAddress, 'dev', end])
    inside(to, ['ip', 'addr', 'add', toAddress, 'dev', otherEnd])
    inside(from, ['ip', 'link', 'set', end, 'up'])
    inside(to, ['ip', 'link', 'set', otherEnd, 'up'])
    inside(from, ['ip', 'route', 'add', 'default', 'via', toAddress.replace('/24', '')])
  }
  for (const host of ['nat1', 'net', 'nat2']) inside(host, ['sysctl', '-qw', 'net.ipv4.ip_forward=1'])
  for (const host of ['nat1', 'nat2']) makeNat((args) => inside(host, args))
  return {
    netAddress: '198.18.1.1',
    start: (host, program, env = {}) => startProgram(nameOf(host), program, env),
    remap: (fromPort, toPort) => remap((args) => inside('nat2', args), fromPort, toPort),
    [Symbol.asyncDispose]: async () => {
      for (const host of hosts) run('ip', ['netns', 'delete', nameOf(host)])
    },
  }
}

type Inside = (args: string[]) => void

function makeNat(inside: Inside): void {
  const nft = (...args: string[]) => inside(['nft', 'add', ...args])
  nft('table', 'ip', 'nat')
  nft('chain', 'ip', 'nat', 'out', '{ type nat hook postrouting priority srcnat; }')
  nft('rule', 'ip', 'nat', 'out', 'oifname', 'to-net', 'masquerade')
  nft('table', 'ip', 'filter')
  for (const hook of ['input', 'forward']) {
    nft('chain', 'ip', 'filter', hook, `{ type filter hook ${hook} priority 0; policy drop; }`)
    nft('rule', 'ip', 'filter', hook, 'ct', 'state', 'established,related', 'accept')
    nft('rule', 'ip', 'filter', hook, 'iifname', '!=', 'to-net', 'accept')
  }
}

/**
 * A mapping cannot be altered in a live connection tracking table, so the new one is made around it, without state:
 * what leaves from `fromPort` leaves from `toPort`, and what still comes to the old port is lost.
 */
function remap(inside: Inside, fromPort: number, toPort: number): void {
  const nft = (...args: string[]) => inside(['nft', 'add', ...args])
  nft('table', 'ip', 'remap')
  nft('chain', 'ip', 'remap', 'in', '{ type filter hook prerouting priority -400; }')
  nft('chain', 'ip', 'remap', 'out', '{ type filter hook postrouting priority 400; }')
  const port = (name: 'sport' | 'dport', at: number) => ['udp', name, `${at}`]
  nft('rule', 'ip', 'remap', 'in', 'iifname', 'to-net', ...port('dport', fromPort), 'drop')
  nft('rule', 'ip', 'remap', 'in', 'iifname', 'to-net', ...port('dport', toPort), 'udp', 'dport', 'set', `${fromPort}`)
  nft('rule', 'ip', 'remap', 'out', 'oifname', 'to-net', ...port('sport', fromPort), 'udp', 'sport', 'set', `${toPort}`)
}

function startProgram(namespace: string, program: string, env: Record<string, string>): HostProgram {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const answers = linesOf(child)
  return {
    ask: async <Answer>(message: object): Promise<Answer> => {
      child.stdin.write(`${JSON.stringify(message)}\n`)
      const { value, done } = await answers.next()
      if (done) throw new Error(`${program} ended without an answer`)
      return JSON.parse(value) as Answer
    },
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await ended
    },
  }
}

function linesOf(child: ChildProcessByStdio<Writable, Readable, null>): AsyncIterator<string> {
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]()
}
