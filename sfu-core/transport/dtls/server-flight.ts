import { sign } from 'node:crypto'
import { uint, vector } from './byte-reader.ts'
import { type Agreement, CIPHER_SUITE, EXTENSION, SIGNATURE_SCHEME } from './client-hello.ts'
import type { DtlsCertificate } from './dtls-certificate.ts'
import { MESSAGE, type MessageType, writeMessage } from './handshake-messages.ts'
import type { Randoms } from './key-schedule.ts'
import { DTLS_1_2 } from './records.ts'

/** RFC 5246 §7.4.4 and RFC 8422 §5.5: ecdsa_sign and rsa_sign. GStreamer's certificates are RSA, browsers' ECDSA. */
const CERTIFICATE_TYPES = [64, 1] as const
const NAMED_CURVE = 3
const UNCOMPRESSED_POINTS = 0

export interface ServerFlightParts {
  agreement: Agreement
  randoms: Randoms
  certificate: DtlsCertificate
  /** Our half of the key exchange. */
  point: Buffer
}

/** Flight 4 of RFC 6347 §4.2.4, ServerHello to ServerHelloDone, as whole messages. */
export function writeServerFlight(parts: ServerFlightParts): Buffer[] {
  const messages: readonly [MessageType, Buffer][] = [
    [MESSAGE.serverHello, serverHello(parts)],
    [MESSAGE.certificate, vector(3, vector(3, parts.certificate.der))],
    [MESSAGE.serverKeyExchange, serverKeyExchange(parts)],
    [MESSAGE.certificateRequest, certificateRequest()],
    [MESSAGE.serverHelloDone, Buffer.alloc(0)],
  ]
  return messages.map(([type, body], sequence) => writeMessage(type, sequence, body))
}

function serverHello({ agreement, randoms }: ServerFlightParts): Buffer {
  const sessionId = vector(1)
  const compression = uint(0, 1)
  const head = [uint(DTLS_1_2, 2), randoms.server, sessionId, uint(CIPHER_SUITE, 2), compression]
  return Buffer.concat([...head, vector(2, ...serverExtensions(agreement))])
}

/** RFC 5246 §7.4.1.4: nothing that the client did not ask for. */
function serverExtensions(agreement: Agreement): Buffer[] {
  const noMki = vector(1)
  const extensions = [extension(EXTENSION.useSrtp, vector(2, uint(agreement.srtpProfile, 2)), noMki)]
  if (agreement.extendedMasterSecret) extensions.push(extension(EXTENSION.extendedMasterSecret))
  if (agreement.secureRenegotiation) extensions.push(extension(EXTENSION.renegotiationInfo, vector(1)))
  if (agreement.pointFormats)
    extensions.push(extension(EXTENSION.pointFormats, vector(1, uint(UNCOMPRESSED_POINTS, 1))))
  return extensions
}

function extension(type: number, ...content: Buffer[]): Buffer {
  return Buffer.concat([uint(type, 2), vector(2, ...content)])
}

/** RFC 8422 §5.4: signed together with both randoms. */
function serverKeyExchange({ agreement, randoms, certificate, point }: ServerFlightParts): Buffer {
  const parameters = Buffer.concat([uint(NAMED_CURVE, 1), uint(agreement.curve, 2), vector(1, point)])
  const signed = Buffer.concat([randoms.client, randoms.server, parameters])
  const signature = sign('sha256', signed, certificate.privateKey)
  return Buffer.concat([parameters, uint(SIGNATURE_SCHEME.ecdsaSha256, 2), vector(2, signature)])
}

function certificateRequest(): Buffer {
  const types = CERTIFICATE_TYPES.map((type) => uint(type, 1))
  const schemes = [SIGNATURE_SCHEME.ecdsaSha256, SIGNATURE_SCHEME.rsaPkcs1Sha256].map((scheme) => uint(scheme, 2))
  const anyAuthority = vector(2)
  return Buffer.concat([vector(1, ...types), vector(2, ...schemes), anyAuthority])
}
