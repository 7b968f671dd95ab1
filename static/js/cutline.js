// Award lines on the ranking: drag the handle, or focus it and use the arrow keys. The number fields do the same
// without this file. Words come from data-words on the table, in the reader's language.

const ladder = document.querySelector('.ladder')
const words = JSON.parse(ladder.dataset.words)
const table = ladder.querySelector('tbody')
const items = [...table.querySelectorAll('.item')]
const cuts = [...table.querySelectorAll('.cut')]
const place = Object.fromEntries(cuts.map(cut => [cut.dataset.key, Number(cut.querySelector('.cut-h').getAttribute('aria-valuenow'))]))
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all)

function tiedAt(at) {
  const above = items[at - 1]
  const below = items[at]
  if (!above || !below || above.dataset.score !== below.dataset.score) return []
  return items.filter(row => row.dataset.score === above.dataset.score).map(row => row.dataset.code)
}

function draw() {
  const ties = []
  let before = 0
  for (const cut of cuts) {
    const { key, name } = cut.dataset
    const at = place[key]
    if (at) items[at - 1].after(cut)
    else table.prepend(cut)
    const codes = tiedAt(at)
    const list = codes.join(words.comma)
    cut.querySelector('.cut-t').textContent = codes.length ? fill(words.across, { codes: list }) : ''
    if (codes.length) ties.push(fill(words.tie, { codes: list, score: items[at - 1].dataset.score, name }))
    cut.querySelector('b').textContent = at - before
    const count = document.querySelector(`[data-count="${key}"]`)
    if (count) count.textContent = at - before
    const field = document.getElementById(`in-${key}`)
    if (field) field.value = at
    const handle = cut.querySelector('.cut-h')
    handle.setAttribute('aria-valuenow', at)
    handle.setAttribute('aria-valuetext', fill(words.upto, { place: at }))
    items.slice(before, at).forEach(row => { row.querySelector('.aw').textContent = name })
    before = at
  }
  items.slice(before).forEach(row => { row.querySelector('.aw').textContent = '' })
  drawShare(before)
  const said = document.getElementById('tie')
  if (said && said.textContent.trim() !== ties.join(words.semicolon)) said.textContent = ties.join(words.semicolon)
}

// The cap is data of the edition: data-cap in per cent, absent when there is none.
function drawShare(awarded) {
  const cap = document.querySelector('.cap')
  if (!cap) return
  const share = Math.round(awarded / items.length * 100)
  cap.querySelector('[data-total]').textContent = awarded
  cap.querySelector('[data-share]').textContent = share
  cap.classList.toggle('over', cap.dataset.cap !== undefined && awarded / items.length * 100 > Number(cap.dataset.cap))
}

function move(key, to) {
  const order = cuts.map(cut => cut.dataset.key)
  const at = order.indexOf(key)
  const low = at ? place[order[at - 1]] : 0
  const high = at < order.length - 1 ? place[order[at + 1]] : items.length
  place[key] = Math.max(low, Math.min(high, to))
  draw()
}

const KEYS = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, PageUp: -5, PageDown: 5 }

for (const cut of cuts) {
  const { key } = cut.dataset
  const handle = cut.querySelector('.cut-h')
  handle.addEventListener('keydown', event => {
    const by = KEYS[event.key]
    if (!by) return
    event.preventDefault()
    move(key, place[key] + by)
    handle.focus()
  })
  handle.addEventListener('pointerdown', event => {
    handle.setPointerCapture(event.pointerId)
    cut.classList.add('drag')
  })
  handle.addEventListener('pointermove', event => {
    if (!cut.classList.contains('drag')) return
    const above = items.filter(row => {
      const box = row.getBoundingClientRect()
      return box.top + box.height / 2 < event.clientY
    }).length
    if (above !== place[key]) move(key, above)
  })
  for (const end of ['pointerup', 'pointercancel']) handle.addEventListener(end, () => cut.classList.remove('drag'))
  document.getElementById(`in-${key}`)?.addEventListener('change', event => move(key, Number.parseInt(event.target.value, 10) || 0))
}
