// The one page of ours in PocketBase's dashboard: how this server is kept. What the dashboard offers to such pages is not documented and
// may change with any release, so nothing else of it is used than here, and e2e/dashboard.mjs tries it.
app.store.headerLinks.push({ href: '#/health', icon: 'ri-heart-pulse-line', label: 'System health' })

app.routes.superuserOnly('#/health', () => {
  app.store.title = 'System health'
  const page = t.main({ className: 'page' }, t.header({ className: 'page-header' }, t.h1({}, 'System health')))
  const body = t.div({ className: 'page-content', tabIndex: 0 }, t.p({ role: 'status' }, 'Looking …'))
  page.append(body)
  app.pb.send('/api/health/system', {}).then(
    health => body.replaceChildren(findings(health.findings), numbers(health)),
    problem => body.replaceChildren(t.p({ role: 'alert' }, `This could not be found out: ${problem.message}`)),
  )
  return page
})

const NAMES = { must: 'Must', should: 'Should', unknown: 'Not known', fine: 'Fine' }

const row = (kind, cells) => t.tr({}, ...cells.map((cell, i) => (i || kind === 'th' ? t[kind]({}, cell) : t.th({ scope: 'row' }, cell))))
const table = (caption, head, rows) =>
  t.table({ className: 'table' }, t.caption({}, caption), head && t.thead({}, row('th', head)), t.tbody({}, ...rows.map(cells => row('td', cells))))

const findings = all =>
  table('What must and should be done', ['How urgent', 'What', 'What to do'], all.map(f => [NAMES[f.severity], `${f.says} (${f.code})`, f.fix || '–']))

const numbers = health =>
  table('Numbers', null, [
    ['Database', `${(health.databaseBytes / 1e6).toFixed(1)} MB`],
    ['Patients', health.patients],
    ['Accounts', health.accounts],
    ['Newest number of the journal', health.newest],
    ['Restores so far', health.restores],
    ['Brought back by phones after a restore', health.returned],
    ['Pages and phones connected now', health.streams],
    ['Copies that failed since the start', health.failedCopies],
  ])
