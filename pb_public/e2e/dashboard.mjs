// Our page in PocketBase's dashboard. Its way of taking such pages is not documented, so this says after an upgrade whether it still works.
// With SHOTS=folder it is kept for a look.
import { mkdirSync } from 'node:fs'
import { violations } from './bars.mjs'
import { PASSWORD, check, demo, desk, finish, scratch, server } from './lib.mjs'

const SHOTS = process.env.SHOTS
if (SHOTS) mkdirSync(SHOTS, { recursive: true })
const faults = []
const { url, stop } = await server(demo())
const context = await desk(scratch(), faults)
const page = await context.newPage()
await page.goto(`${url}/_/#/login`)
await page.getByLabel('Email').fill('root@demo.interictal.test')
await page.locator('input[type=password]').fill(PASSWORD)
await page.getByRole('button', { name: /login/i }).click()
await page.getByRole('link', { name: 'System health' }).click()
await page.getByRole('heading', { name: 'System health' }).waitFor()
await page.getByText('(D_BACKUP)').waitFor()
const rows = await page.getByRole('row').allInnerTexts()
check('what must be done comes first, each with what to do', /^Must/.test(rows[1]) && rows[1].split('\t')[2].length > 10, rows[1])
check('the triggers and the audit are looked at', ['(D_TRIGGERS)', '(D_AUDIT)'].every(code => rows.some(r => r.includes(code) && r.startsWith('Fine'))))
check('and the numbers are there', rows.some(r => /^Patients\t\d+/.test(r)) && rows.some(r => /^Brought back by phones after a restore\t0/.test(r)))
check('nobody is named', !/Ada|Ben O|Amira/.test(rows.join()))
const found = (await violations(page)).filter(v => v.includes('.page-content'))
check('axe: our part of the page', !found.length, found.join('; '))
if (SHOTS) await page.screenshot({ path: `${SHOTS}/dashboard.png`, fullPage: true })
await context.close()
await stop()
finish()
