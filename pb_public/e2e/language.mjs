// A phone in Spanish: from the first paint, without a server, and whatever was chosen stays chosen.
import { ADA, PASSWORD, browser, check, demo, finish, scratch, server } from './lib.mjs'

const faults = []
const { url, stop } = await server(demo())
const ada = await browser(scratch(), { viewport: { width: 390, height: 844 }, hasTouch: true, locale: 'es-MX' }, faults)
const page = await ada.newPage()
const button = name => page.getByRole('button', { name, exact: true })

await page.goto(`${url}/app/`)
await page.getByLabel('Correo').fill(ADA)
await page.getByLabel('Contraseña').fill(PASSWORD)
await button('Entrar').click()
await page.getByText('Al día').waitFor()
check('it opens in the language of the phone', (await page.evaluate(() => document.documentElement.lang)) === 'es')
await page.evaluate(() => navigator.serviceWorker.ready)

await stop()
await ada.setOffline(true)
await page.reload()
await button('Ataque ahora').click()
await button('Ya pasó').waitFor()
check('offline: an attack is noted in Spanish', await page.getByText('Ataque anotado.').first().isVisible())
await page.getByText(/^(lunes|martes|miércoles|jueves|viernes|sábado|domingo), \d+ de/).first().or(page.getByText(/Empezó: \d/).first()).waitFor()

/** What is read on a screen that is known to be in the other language. */
const OWN = /weekend|Mobilization|tablet|cold pack|Call the clinic/ // what the person and the clinic wrote in the demo stays as it is
const ENGLISH = /\b(the|and|your|with|is|are|not|this|noted|day|pain)\b/i
const pages = ['today', 'diary', 'exercises', 'more', 'check', 'changed', 'plan', 'card', 'medicine', 'progress', 'needs', 'settings', 'readers', 'consents', 'export']
const found = []
for (const name of pages) {
  await page.goto(`${url}/app/#${name}`)
  await page.locator('main h1').waitFor()
  const said = await page.evaluate(() => [...document.querySelectorAll('main *, nav *')].flatMap(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent.trim())).filter(Boolean))
  for (const words of said) if (ENGLISH.test(words) && !OWN.test(words)) found.push(`${name}: ${words}`)
}
check('no screen has English left in it', found.length === 0, found.join(' | '))

await page.goto(`${url}/app/#settings`)
await button('English').click()
await page.getByRole('heading', { name: 'Settings and sync' }).waitFor()
await page.reload()
await page.getByRole('heading', { name: 'Settings and sync' }).waitFor()
check('another language is chosen offline, and stays', (await page.evaluate(() => document.documentElement.lang)) === 'en')
await button('Español').click()
await page.getByRole('heading', { name: 'Ajustes y envío' }).waitFor()
check('and back', true)

check('no page error, no request elsewhere, no CSP violation', faults.length === 0, faults.join('; '))
await ada.close()
finish()
