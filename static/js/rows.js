// A list of rows with checkboxes: says how many are picked, and the keys j k x e /. The form works without it.
// <form data-rows data-none="未选择" data-some="已选 %d 条"> with a [data-picked] line, boxes named as the first
// [data-all] box says, and one link per row that opens it.

const form = document.querySelector('form[data-rows]')
const all = form.querySelector('[data-all]')
const boxes = [...form.querySelectorAll('tbody input[type=checkbox]')]
const said = form.querySelector('[data-picked]')
const rows = [...form.querySelectorAll('tbody tr')]
const linkOf = row => row.querySelector('th a, .c-no a, a')

function count() {
  const picked = boxes.filter(box => box.checked).length
  if (all) {
    all.checked = picked > 0 && picked === boxes.length
    all.indeterminate = picked > 0 && picked < boxes.length
  }
  const text = picked ? form.dataset.some.replace('%d', picked) : form.dataset.none
  if (said && said.textContent !== text) said.textContent = text
}

form.addEventListener('change', event => {
  if (event.target === all) for (const box of boxes) box.checked = all.checked
  count()
})

document.addEventListener('keydown', event => {
  if (event.target.matches('input:not([type=checkbox]), textarea, select') || event.ctrlKey || event.metaKey || event.altKey) return
  const at = rows.indexOf(document.activeElement.closest?.('tbody tr'))
  const go = to => linkOf(rows[Math.max(0, Math.min(to, rows.length - 1))])?.focus()
  if (event.key === 'j') go(at + 1)
  else if (event.key === 'k') go(at - 1)
  else if (event.key === 'x' && at >= 0) rows[at].querySelector('input[type=checkbox]')?.click()
  else if (event.key === 'e' && at >= 0) linkOf(rows[at])?.click()
  else if (event.key === '/') {
    event.preventDefault()
    document.querySelector('[type=search]')?.focus()
  }
})

count()
