import { createHmac, randomBytes } from 'node:crypto'

/** A browser's connectivity check, written by hand: what the engine reads must not be what the engine wrote. */
export function browserCheck(check: {
  username: string
  pwd: string
  nominated?: boolean
  controlled?: boolean
}): Buffer {
  const attributes = [
    attribute(0x0006, Buffer.from(check.username)),
    attribute(check.controlled ? 0x8029 : 0x802a, randomBytes(8)),
    attribute(0x0024, Buffer.from('6e001eff', 'hex')),
    ...(check.nominated ? [attribute(0x0025, Buffer.alloc(0))] : []),
  ]
  const open = Buffer.concat([Buffer.from('000100002112a442', 'hex'), randomBytes(12), ...attributes])
  open.writeUInt16BE(open.length - 20 + 24, 2)
  return Buffer.concat([open, attribute(0x0008, createHmac('sha1', check.pwd).update(open).digest())])
}

function attribute(type: number, value: Buffer): Buffer {
  const whole = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
  whole.writeUInt16BE(type, 0)
  whole.writeUInt16BE(value.length, 2)
  value.copy(whole, 4)
  return whole
}
