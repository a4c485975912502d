import type { TakeEvent, TakeManifest, TakeTrack } from '../contract/take.ts'
import { REPORT_MAX_BYTES } from './limits.ts'

type TakePerson = TakeManifest['participants'][number]

/**
 * The manifest as it goes to the server: of one that is too large, what fits (R148). The tracks are kept before the
 * timeline, the oldest of each; of the people, those whom the rest names. Null where not even that helps.
 */
export function fitReport(manifest: TakeManifest): TakeManifest | null {
  if (sizeOf(manifest) <= REPORT_MAX_BYTES) return manifest
  const cut = new ReportCut(manifest)
  for (const track of manifest.tracks) if (!cut.addTrack(track)) break
  const timeline = manifest.timeline.filter((event) => event.type !== 'muted' && event.type !== 'unmuted')
  for (const event of timeline) if (!cut.addEvent(event)) break
  return sizeOf(cut.report) <= REPORT_MAX_BYTES ? cut.report : null
}

/** A report that grows as long as it fits, each part together with the person it names. */
class ReportCut {
  readonly report: TakeManifest
  readonly #byNumber: ReadonlyMap<number, TakePerson>
  readonly #byId: ReadonlyMap<string, TakePerson>
  readonly #numbers = new Set<number>()
  readonly #ids = new Set<string>()
  #leftBytes: number

  constructor(manifest: TakeManifest) {
    const people = manifest.participants
    this.report = { ...manifest, participants: [], tracks: [], timeline: [] }
    this.#byNumber = new Map(people.map((person) => [person.number, person]))
    // Somebody who left and came again is there more than once: an event, which names no number, needs only one of them.
    this.#byId = new Map(people.map((person) => [person.participantId, person]))
    this.#leftBytes = REPORT_MAX_BYTES - sizeOf(this.report)
  }

  addTrack(track: TakeTrack): boolean {
    const person = this.#numbers.has(track.number) ? undefined : this.#byNumber.get(track.number)
    if (!this.#take(track, person)) return false
    this.report.tracks.push(track)
    return true
  }

  addEvent(event: TakeEvent): boolean {
    const person = this.#ids.has(event.participantId) ? undefined : this.#byId.get(event.participantId)
    if (!this.#take(event, person)) return false
    this.report.timeline.push(event)
    return true
  }

  #take(part: object, person: TakePerson | undefined): boolean {
    const bytes = sizeInList(part) + (person ? sizeInList(person) : 0)
    if (bytes > this.#leftBytes) return false
    this.#leftBytes -= bytes
    if (person) this.#addPerson(person)
    return true
  }

  #addPerson(person: TakePerson): void {
    this.report.participants.push(person)
    this.#numbers.add(person.number)
    this.#ids.add(person.participantId)
  }
}

/** With the comma behind it. */
function sizeInList(value: object): number {
  return sizeOf(value) + 1
}

function sizeOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value))
}
