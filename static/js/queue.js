// Keys in a table of what waits: j and k go down and up, x ticks, e opens. They work only while the focus is in the
// table, so nothing typed elsewhere is taken for one; without this script the table works as it stands.

for (const queue of document.querySelectorAll('[data-queue]')) {
  const rows = [...queue.querySelectorAll('tbody tr')]
  const target = row => row.querySelector('input[type=checkbox]') ?? row.querySelector('a')
  queue.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const typing = event.target.matches('input:not([type=checkbox]), textarea, select')
    const at = rows.indexOf(event.target.closest('tr'))
    if (typing || at < 0) return
    const box = rows[at].querySelector('input[type=checkbox]')
    if (event.key === 'j') target(rows[Math.min(at + 1, rows.length - 1)]).focus()
    else if (event.key === 'k') target(rows[Math.max(at - 1, 0)]).focus()
    else if (event.key === 'x' && box) box.checked = !box.checked
    else if (event.key === 'e') rows[at].querySelector('a').click()
    else return
    event.preventDefault()
  })
}
