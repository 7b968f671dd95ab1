// Score sheet. Every change goes to this device at once, then to the server as an idempotent PUT.
// The page works without this file as an ordinary form. Words come from data-words, in the reader's language.

const form = document.getElementById('sheet')
const inputs = [...form.querySelectorAll('input[data-max]')]
const note = form.elements.note
const net = document.getElementById('net')
const total = document.getElementById('total')
const missing = document.getElementById('missing')
const compare = document.getElementById('compare')
const words = JSON.parse(form.dataset.words)

const FIRST_WAIT = 1500
const LONGEST_WAIT = 60000
const QUIET = 800

// ---- reading and writing scores

const stepOf = input => Number(input.dataset.step || 0.5)
const places = input => (String(input.dataset.step || '0.5').split('.')[1] || '').length

// null: empty, NaN: not a score. Full-width digits and Chinese points are accepted.
function scoreOf(input) {
  const text = input.value.trim().normalize('NFKC').replace(/[。,、]/, '.')
  if (text === '') return null
  const value = Number(text)
  const steps = value / stepOf(input)
  const valid = value >= 0 && value <= Number(input.dataset.max) && Math.abs(steps - Math.round(steps)) < 1e-9
  return valid ? value : NaN
}

const isScore = value => value !== null && !Number.isNaN(value)

function setScore(input, value) {
  const inside = Math.min(Number(input.dataset.max), Math.max(0, value))
  const onStep = Math.round(inside / stepOf(input)) * stepOf(input)
  input.value = String(Number(onStep.toFixed(places(input))))
}

function paintBands(row, value) {
  const bands = [...row.querySelectorAll('.bands button')]
  const fits = bands.filter(band => isScore(value) && value >= Number(band.dataset.low))
  const best = fits.sort((a, b) => Number(b.dataset.low) - Number(a.dataset.low))[0]
  for (const band of bands) band.setAttribute('aria-pressed', String(band === best))
}

function paint() {
  let sum = 0
  let left = 0
  for (const input of inputs) {
    const value = scoreOf(input)
    const row = input.closest('.cr')
    if (Number.isNaN(value)) input.setAttribute('aria-invalid', 'true')
    else input.removeAttribute('aria-invalid')
    row.classList.toggle('done', isScore(value))
    paintBands(row, value)
    if (isScore(value)) sum += value * Number(input.dataset.weight || 1)
    else left += 1
  }
  total.textContent = left === inputs.length ? '–' : String(Number(sum.toFixed(2)))
  missing.textContent = left ? words.missing.replace('%d', left) : words.complete
  missing.dataset.done = left ? '' : '1'
}

function values() {
  const points = {}
  for (const input of inputs) {
    const value = scoreOf(input)
    if (isScore(value)) points[input.dataset.criterion] = String(value)
  }
  return { points, note: note ? note.value : '' }
}

function show({ points, note: text }) {
  for (const input of inputs) {
    const value = points[input.dataset.criterion]
    input.value = value == null ? '' : String(Number(value))
  }
  if (note) note.value = text || ''
  paint()
}

// ---- the draft on this device: one key per judge and sheet, so that a shared tablet mixes nothing up

const KEY = `kexie:sheet:${form.dataset.judge}:${form.dataset.code}`

const draft = {
  read() {
    try { return JSON.parse(localStorage.getItem(KEY)) } catch { return null }
  },
  write(value) {
    try { localStorage.setItem(KEY, JSON.stringify(value)); return true } catch { return false }
  },
  clear() {
    try { localStorage.removeItem(KEY) } catch { /* private mode: nothing was stored */ }
  },
}

const newKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`

// ---- the server's copy

let revision = Number(form.dataset.revision)
let sending = false
let stopped = false // until the judge has decided, signed in again, or the page has gone
let expired = false
let wait = FIRST_WAIT
let timer = 0

// role=status speaks only when the words change.
function say(state, text) {
  if (net.textContent !== text) net.textContent = text
  net.dataset.state = state
}

function later(milliseconds) {
  clearTimeout(timer)
  timer = setTimeout(push, milliseconds)
}

function send(work) {
  return fetch(form.dataset.url, {
    method: 'PUT',
    credentials: 'same-origin',
    redirect: 'manual',
    headers: {
      'Content-Type': 'application/json',
      'Accept': 'application/json',
      'Idempotency-Key': work.key,
      'X-CSRFToken': document.querySelector('meta[name=csrf-token]')?.content ?? '',
    },
    body: JSON.stringify({ base: work.base, points: work.points, note: work.note }),
  })
}

async function push() {
  const work = draft.read()
  if (!work || sending || stopped) return
  if (!navigator.onLine) return say('off', words.offline)
  sending = true
  say('local', words.sending)
  try {
    await answered(await send(work), work)
  } catch {
    say('off', words.weak)
    wait = Math.min(wait * 2, LONGEST_WAIT)
    later(wait)
  } finally {
    sending = false
  }
}

async function answered(answer, work) {
  // A redirect leads to the sign-in page, and a token of an old session answers 400: both are the same as 401.
  if ([400, 401, 403].includes(answer.status) || answer.type === 'opaqueredirect') {
    stopped = true
    expired = true
    return say('bad', words.expired)
  }
  if (answer.status === 409) {
    stopped = true
    return ask(await answer.json(), work)
  }
  // Mended by typing, not by sending again: a score out of range, a closed round.
  if (answer.status === 422 || answer.status === 413) {
    const told = await answer.json().catch(() => ({}))
    return say('bad', told.error || words.refused)
  }
  if (!answer.ok) throw new Error(String(answer.status))
  revision = (await answer.json()).revision
  if (form.elements.base) form.elements.base.value = revision
  wait = FIRST_WAIT
  settle(work)
}

// Typed on while the request was under way: the newer draft goes next.
function settle(sent) {
  const latest = draft.read()
  if (latest && latest.key !== sent.key) {
    draft.write({ ...latest, base: revision })
    later(0)
  } else {
    draft.clear()
    say('ok', words.synced)
  }
}

function changed() {
  paint()
  const stored = draft.write({ key: newKey(), base: revision, ...values() })
  if (stopped) return
  say('local', stored ? words.stored : words.full)
  later(QUIET)
}

// ---- two devices: both copies side by side, the judge decides

function ask(theirs, mine) {
  say('bad', words.conflict)
  const body = compare.querySelector('tbody')
  body.replaceChildren()
  for (const input of inputs) {
    const name = input.dataset.criterion
    const here = mine.points[name]
    const there = theirs.points?.[name]
    const same = here != null && there != null && Number(here) === Number(there)
    body.append(line(input.dataset.name, here ?? '–', there == null ? '–' : String(Number(there)), same))
  }
  if ((mine.note || '') !== (theirs.note || '')) body.append(line(words.note, mine.note || '–', theirs.note || '–', false))
  compare.hidden = false
  compare.querySelector('[data-use=mine]').onclick = () => decide(theirs.revision, mine)
  compare.querySelector('[data-use=theirs]').onclick = () => {
    draft.clear()
    revision = theirs.revision
    if (form.elements.base) form.elements.base.value = revision
    show({ points: theirs.points ?? {}, note: theirs.note })
    resume('ok', words.synced)
  }
  compare.focus()
}

function line(name, here, there, same) {
  const row = document.createElement('tr')
  if (!same) row.className = 'differs'
  const head = document.createElement('th')
  head.scope = 'row'
  head.textContent = name
  row.append(head)
  for (const text of [here, there]) {
    const cell = document.createElement('td')
    cell.textContent = text
    row.append(cell)
  }
  return row
}

function decide(base, mine) {
  revision = base
  // What was typed since stands in the newest draft.
  const latest = draft.read() ?? mine
  draft.write({ ...latest, key: newKey(), base })
  resume('local', words.stored)
  later(0)
}

function resume(state, text) {
  compare.hidden = true
  stopped = false
  say(state, text)
  inputs[0].focus()
}

// ---- hands

form.addEventListener('input', changed)

form.addEventListener('click', event => {
  const button = event.target.closest('.cr button[type=button]')
  if (!button) return
  const input = button.closest('.cr').querySelector('input[data-max]')
  const step = button.dataset.step
  if (step) setScore(input, (scoreOf(input) || 0) + Number(step))
  else setScore(input, (Number(button.dataset.low) + Number(button.dataset.high)) / 2)
  changed()
})

form.addEventListener('keydown', event => {
  const input = event.target.closest('input[data-max]')
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault()
    return form.requestSubmit(form.querySelector('[type=submit]'))
  }
  if (!input || event.isComposing) return
  if (event.key === 'Enter') {
    event.preventDefault()
    const next = inputs[inputs.indexOf(input) + 1] ?? note
    next?.focus()
  }
  if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
    event.preventDefault()
    setScore(input, (scoreOf(input) || 0) + (event.key === 'ArrowUp' ? 1 : -1) * stepOf(input))
    changed()
  }
})

// The ordinary POST carries everything. The draft stays, marked as sent, until the server is seen to have a newer
// revision: a POST lost on the way loses nothing, and one that arrived is not overwritten by its own draft.
form.addEventListener('submit', event => {
  if (!navigator.onLine) {
    event.preventDefault()
    return say('off', words.offline)
  }
  clearTimeout(timer)
  stopped = true
  draft.write({ key: newKey(), base: revision, sent: true, ...values() })
})

// Back on this tab, perhaps after signing in on another one.
function again() {
  if (expired) {
    expired = false
    stopped = false
  }
  push()
}
addEventListener('online', again)
addEventListener('pageshow', event => { if (event.persisted) { stopped = false; push() } })
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') again()
})

const kept = draft.read()
const arrived = kept?.sent && Number(kept.base) < revision
if (arrived) draft.clear()
// After an error the server sends back what was submitted; that is at least as new as the draft.
if (kept?.points && !arrived && !document.getElementById('errors')) {
  const { sent, ...mine } = kept
  draft.write(mine)
  show(kept)
  say('local', words.restored)
  later(0)
}
paint()
