import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import path from 'node:path'
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose'
import { type TakeReport, takeReportSchema } from '../../sfu-core/contract/take-report.ts'
import { TOKEN_ALGORITHM } from '../../sfu-core/contract/token.ts'
import { REPORT_JWS_TYPE } from './report-signer.ts'

/**
 * The report in a JWS, if one of the keys signed it.
 * @throws jose's errors, or where something else was signed.
 */
export async function checkedReport(jws: string, keys: JSONWebKeySet): Promise<TakeReport> {
  const { payload, protectedHeader } = await compactVerify(jws.trim(), createLocalJWKSet(keys), {
    algorithms: [TOKEN_ALGORITHM],
  })
  if (protectedHeader.typ !== REPORT_JWS_TYPE) throw new Error('This is signed, but it is no take report.')
  return takeReportSchema.parse(JSON.parse(new TextDecoder().decode(payload)))
}

export interface TrackCheck {
  file: string
  /** `missing`: the file does not lie there. */
  state: 'as-reported' | 'changed' | 'missing'
}

/** Whether the tracks in the folder are those of which the report tells. */
export function checkTracks({ tracks }: TakeReport, folder: string): Promise<TrackCheck[]> {
  return Promise.all(
    tracks.map(async ({ file, sha256 }) => {
      const place = path.join(folder, path.basename(file))
      if (!existsSync(place)) return { file, state: 'missing' as const }
      return { file, state: (await hashOf(place)) === sha256 ? ('as-reported' as const) : ('changed' as const) }
    }),
  )
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(file)) hash.update(part)
  return hash.digest('hex')
}
