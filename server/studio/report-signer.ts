import { CompactSign, calculateJwkThumbprint, type JWK } from 'jose'
import { TOKEN_ALGORITHM } from '../../sfu-core/contract/token.ts'
import type { Keys } from '../keys.ts'

/** Signs take reports with the server's key, so that anybody can check later that nobody changed them. */
export interface ReportSigner {
  /** A compact JWS (RFC 7515 §7.1) whose payload is the report's JSON, byte for byte. */
  sign(report: string): Promise<string>
  /** The public key, named by its thumbprint (RFC 7638): what /api/keys answers with (RFC 7517 §5). */
  keySet(): Promise<{ keys: JWK[] }>
}

/** Says what is signed, so that no token can be passed off as a report or the other way round (RFC 8725 §3.11). */
export const REPORT_JWS_TYPE = 'engawa-take-report+jws'

export function createReportSigner(keys: Pick<Keys, 'signing' | 'verifying'>): ReportSigner {
  const jwk = keys.verifying.export({ format: 'jwk' }) as JWK
  const keyId = calculateJwkThumbprint(jwk)
  return {
    async sign(report) {
      const header = { alg: TOKEN_ALGORITHM, typ: REPORT_JWS_TYPE, kid: await keyId }
      return new CompactSign(Buffer.from(report, 'utf8')).setProtectedHeader(header).sign(keys.signing)
    },
    async keySet() {
      return { keys: [{ ...jwk, kid: await keyId, alg: TOKEN_ALGORITHM, use: 'sig' }] }
    },
  }
}
