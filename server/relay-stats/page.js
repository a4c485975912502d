// @ts-check
/** @import { ParticipantView, RoomView, StatsView } from './stats-view.ts' */

/** The script of the stats page; it stands in the page as it is here. */

const EVERY_MS = 1_000
/** An answer that takes longer is none. */
const PATIENCE_MS = 4_000
const NOTHING = '–'
/** Above it a person hears gaps. */
const HIGH_LOSS = 0.02

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id))
const [status, pause, totals, rooms, noRooms] = ['status', 'pause', 'totals', 'rooms', 'no-rooms'].map(byId)

const whole = new Intl.NumberFormat('en')
const oneDigit = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** @param {number | null | undefined} value @param {(value: number) => string} how */
const orNothing = (value, how) => (value === null || value === undefined ? NOTHING : how(value))
/** @param {number} value */
const percent = (value) => `${oneDigit.format(value * 100)} %`
/** @param {number} value */
const ms = (value) => `${oneDigit.format(value)} ms`
/** @param {number} value */
const perSecond = (value) => `${whole.format(Math.round(value))}/s`
/** @param {number} value */
const kilobits = (value) => `${whole.format(Math.round(value / 1_000))} kb/s`
/** @param {number} value */
const loss = (value) => (value >= HIGH_LOSS ? `${percent(value)} (high)` : percent(value))

/** @param {number} value */
function duration(value) {
  const minutes = Math.floor(value / 60_000)
  if (minutes < 1) return `${Math.floor(value / 1_000)} s`
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Only what changed: a selection and a screen reader's place stay. @param {Element} element @param {string} text */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/**
 * The children of `parent` become one per item, in order, each kept while its key is there.
 * @template T
 * @param {Element} parent
 * @param {readonly T[]} items
 * @param {{ key(item: T): string, make(item: T): HTMLElement, update(element: HTMLElement, item: T): void }} how
 */
function reconcile(parent, items, how) {
  const known = new Map([...parent.children].map((child) => [/** @type {HTMLElement} */ (child).dataset['key'], child]))
  for (const [i, item] of items.entries()) {
    const key = how.key(item)
    const element = /** @type {HTMLElement} */ (known.get(key) ?? how.make(item))
    known.delete(key)
    element.dataset['key'] = key
    how.update(element, item)
    if (parent.children[i] !== element) parent.insertBefore(element, parent.children[i] ?? null)
  }
  for (const gone of known.values()) gone.remove()
}

/** @param {StatsView} view @returns {[string, string][]} */
function totalsOf(view) {
  const { eventLoopDelay: delay, traffic } = view
  return [
    ['Line to the server', view.line],
    ['Running for', duration(view.uptimeMs)],
    ['Rooms', whole.format(view.rooms.length)],
    ['People', whole.format(view.people)],
    ['CPU, of one core', orNothing(view.cpuShare, percent)],
    ['Memory', `${whole.format(Math.round(view.residentBytes / 1e6))} MB`],
    ['Packets out', orNothing(traffic?.packetsOutPerS, perSecond)],
    ['Packets in', orNothing(traffic?.packetsInPerS, perSecond)],
    ['Out', orNothing(traffic?.bitsOutPerS, kilobits)],
    ['In', orNothing(traffic?.bitsInPerS, kilobits)],
    ['Timers late, 99 %', ms(delay.p99Ms)],
    ['Timers late, worst', ms(delay.maxMs)],
    ['Joining now', whole.format(view.handshakesUnderWay)],
    ['Joins failed', whole.format(view.handshakesFailed)],
    ['Stray packets', whole.format(view.strays)],
    ['Refused as floods', whole.format(view.floodsRefused)],
  ]
}

/** @param {StatsView} view */
function showTotals(view) {
  reconcile(totals, totalsOf(view), {
    key: ([name]) => name,
    make: ([name]) => {
      const box = document.createElement('div')
      box.append(document.createElement('dt'), document.createElement('dd'))
      setText(/** @type {Element} */ (box.firstElementChild), name)
      return box
    },
    update: (box, [, value]) => setText(/** @type {Element} */ (box.lastElementChild), value),
  })
}

/** @type {[string, (person: ParticipantView) => string][]} */
const COLUMNS = [
  ['Person', ({ number }) => whole.format(number)],
  ['State', stateOf],
  ['Round trip', ({ roundTripMs }) => orNothing(roundTripMs, ms)],
  ['Loss down', ({ lossDown }) => orNothing(lossDown, loss)],
  ['Jitter down', ({ jitterDownMs }) => orNothing(jitterDownMs, ms)],
  ['Loss up', ({ lossUp }) => orNothing(lossUp, loss)],
  ['Jitter up', ({ jitterUpMs }) => orNothing(jitterUpMs, ms)],
  ['Packets down', ({ traffic }) => orNothing(traffic?.packetsOutPerS, perSecond)],
  ['Down', ({ traffic }) => orNothing(traffic?.bitsOutPerS, kilobits)],
  ['Up', ({ traffic }) => orNothing(traffic?.bitsInPerS, kilobits)],
  ['Sent again', ({ retransmitted }) => whole.format(retransmitted)],
]

/** @param {ParticipantView} person */
function stateOf(person) {
  const words = [person.state, person.onStage ? 'on stage' : 'audience']
  if (person.speaking) words.push('heard')
  if (person.sentRed) words.push('gets redundancy')
  return words.join(', ')
}

/** @param {RoomView} room */
function titleOf(room) {
  const people = room.people === 1 ? '1 person' : `${whole.format(room.people)} people`
  return `Room ${room.id}: ${people}${room.recording ? ', recording' : ''}`
}

/** @param {RoomView} room */
function makeRoom(room) {
  const section = document.createElement('section')
  const title = document.createElement('h3')
  title.id = `room-${room.id}`
  const scroll = document.createElement('div')
  // A region that scrolls must be reachable by keyboard.
  scroll.className = 'scroll'
  scroll.tabIndex = 0
  scroll.setAttribute('role', 'region')
  scroll.setAttribute('aria-labelledby', title.id)
  const table = document.createElement('table')
  const head = table.createTHead().insertRow()
  for (const [name] of COLUMNS) {
    const cell = document.createElement('th')
    cell.scope = 'col'
    cell.textContent = name
    head.append(cell)
  }
  table.createTBody()
  scroll.append(table)
  section.append(title, scroll, document.createElement('p'))
  return section
}

/** @param {HTMLElement} section @param {RoomView} room */
function updateRoom(section, room) {
  const [title, scroll, note] = section.children
  setText(title, titleOf(room))
  const [body] = /** @type {HTMLTableElement} */ (scroll.firstElementChild).tBodies
  reconcile(body, room.participants, { key: ({ number }) => String(number), make: makeRow, update: updateRow })
  const words = []
  if (room.participants.length === 0) words.push('Nobody is connected at the moment.')
  if (room.notShown > 0) words.push(`${whole.format(room.notShown)} more in the audience are not shown.`)
  setText(note, words.join(' '))
  if (note instanceof HTMLElement) note.hidden = words.length === 0
}

function makeRow() {
  const row = document.createElement('tr')
  for (const [i] of COLUMNS.entries()) {
    const cell = document.createElement(i === 0 ? 'th' : 'td')
    if (cell instanceof HTMLTableCellElement && i === 0) cell.scope = 'row'
    row.append(cell)
  }
  return row
}

/** @param {HTMLElement} row @param {ParticipantView} person */
function updateRow(row, person) {
  for (const [i, [, textOf]] of COLUMNS.entries()) {
    const cell = row.children[i]
    const text = textOf(person)
    setText(cell, text)
    cell.classList.toggle('bad', text.endsWith('(high)'))
  }
}

/** @param {StatsView} view */
function show(view) {
  showTotals(view)
  noRooms.hidden = view.rooms.length > 0
  reconcile(rooms, view.rooms, { key: ({ id }) => id, make: makeRoom, update: updateRoom })
  document.querySelector('main')?.removeAttribute('data-stale')
  say('Updated once a second.', false)
}

/** Announced when it changes, so not once a second. @param {string} words @param {boolean} isTrouble */
function say(words, isTrouble) {
  setText(status, words)
  status.toggleAttribute('data-trouble', isTrouble)
}

/** @param {string} words */
function showTrouble(words) {
  document.querySelector('main')?.setAttribute('data-stale', '')
  say(words, true)
}

async function update() {
  const response = await fetch('/view.json', { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => null)
  if (isPaused()) return
  if (response?.ok) show(await response.json())
  else if (response?.status === 503) showTrouble('The relay is starting: it has no server yet.')
  else if (response) showTrouble('The relay could not make its figures; its log says why.')
  else showTrouble('The relay does not answer. What is below is old. Trying again.')
}

const isPaused = () => pause.getAttribute('aria-pressed') === 'true'

pause.addEventListener('click', () => {
  pause.setAttribute('aria-pressed', String(!isPaused()))
  if (isPaused()) say('Paused.', false)
})

async function run() {
  if (!isPaused() && !document.hidden) await update().catch(() => showTrouble('The figures could not be read.'))
  setTimeout(run, EVERY_MS)
}

void run()
