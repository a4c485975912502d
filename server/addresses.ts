import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'

/** Addresses under which other machines of the network reach this one, as URLs. Private links (fe80::) do not work in browsers. */
export function lanUrls(port: number): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => isReachable(address))
    .map(({ address, family }) => `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`)
}

function isReachable({ internal, family, address }: NetworkInterfaceInfo): boolean {
  return !internal && (family === 'IPv4' || !/^fe80:/i.test(address))
}

/** The address to open on this machine. */
export function localUrl(host: string, port: number): string {
  const everywhere = host === '::' || host === '0.0.0.0'
  const name = everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
