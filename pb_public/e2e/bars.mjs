// What every screen of the patient app is held to (spec/screens.md §7): accessibility, glare, colour, stripes, targets, stillness, reflow.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { check } from './lib.mjs'

const axe = readFileSync(join(import.meta.dirname, '../node_modules/axe-core/axe.min.js'), 'utf8')
/** Another look of the same page differs in its colours. */
const CONTRAST = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice']

export async function violations(page, only = TAGS) {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(only => axe.run(document, { runOnly: only }), only)
  return violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`)
}

export const small = (page, size) =>
  page.evaluate(size => {
    const targets = [...document.querySelectorAll('a, button, select, input:not([type=checkbox], [type=radio]), label:has([type=checkbox], [type=radio])')]
    const boxes = targets.map(t => [t, t.getBoundingClientRect()])
    return boxes.filter(([, b]) => b.width && (b.height < size - 0.5 || b.width < size - 0.5)).map(([t, b]) => `${t.textContent.trim()} ${Math.round(b.width)}×${Math.round(b.height)}`)
  }, size)

export const moving = page =>
  page.evaluate(() => document.getAnimations().length + [...document.querySelectorAll('*')].filter(e => getComputedStyle(e).transitionDuration !== '0s').length)

/** 320 px wide with text at 200 %: what sticks out to the side. */
export async function sideways(page, width, zoom) {
  const before = page.viewportSize()
  await page.setViewportSize({ width, height: 640 })
  await page.evaluate(zoom => document.documentElement.style.setProperty('font-size', zoom, 'important'), zoom)
  const out = await page.evaluate(() => {
    if (document.documentElement.scrollWidth <= innerWidth) return []
    return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => `${e.tagName}.${e.className}`).slice(0, 5)
  })
  await page.evaluate(() => document.documentElement.style.removeProperty('font-size'))
  await page.setViewportSize(before)
  return out
}

/**
 * Once around a page with the Tab key: where the focus cannot be seen or something lies over it, and what it never came to. At the end it
 * is where it was before.
 */
export async function walk(page) {
  await page.evaluate(() => {
    window.walked = { before: document.activeElement, came: new Set(), rounds: 0 }
    document.activeElement?.blur()
    scrollTo(0, 0)
  })
  const unseen = []
  let stops = 0
  for (let at; stops < 500 && (at = await page.keyboard.press('Tab').then(() => page.evaluate(stop))) !== null; stops++) unseen.push(...at)
  return { stops, unseen: [...new Set([...unseen, ...(await page.evaluate(missed))])] }
}
/** In the page: what is wrong where the focus is now; null when the round is over. */
async function stop() {
  const [at, { came }] = [document.activeElement, window.walked]
  if (at === document.body) return ++window.walked.rounds > 2 ? null : [] // through the browser's own bar
  if (came.size > 1 && at === [...came][0]) return null // it began where the focus had been
  came.add(at)
  const ring = part => getComputedStyle(at, part).outlineStyle === 'solid' // a name in a row lets its row wear it
  const seen = () => {
    const box = at.getBoundingClientRect()
    return (ring() || ring('::after')) && at.contains(document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 40)))
  }
  for (let i = 0; i < 10 && !seen(); i++) await new Promise(done => setTimeout(done, 50)) // what is still coming moves the page
  return seen() ? [] : [`${at.tagName} ${(at.ariaLabel ?? at.textContent).trim().slice(0, 30)}`]
}
/** In the page, after the round: what can be pressed or filled in, and was not a stop. Of a group of radios, one is. */
function missed() {
  const { before, came } = window.walked
  before?.focus({ preventScroll: true })
  const groups = new Set([...came].filter(e => e.type === 'radio').map(e => e.name))
  const all = document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')
  const can = e => e.tabIndex >= 0 && !e.matches(':disabled') && e.checkVisibility({ visibilityProperty: true }) && !(e.type === 'radio' && groups.has(e.name))
  return [...all].filter(e => can(e) && !came.has(e)).map(e => `never at ${e.tagName} ${(e.ariaLabel ?? e.textContent).trim().slice(0, 30)}`)
}

/** In the system's colours: what is chosen among others and shows it by neither weight, line nor outline. */
const onlyColoured = page =>
  page.evaluate(() => {
    const [seen, chosen] = [e => e.checkVisibility(), '[aria-pressed="true"], [aria-selected="true"], [aria-current="page"]']
    const shape = e => (({ fontWeight, borderLeftWidth, borderTopWidth, borderTopStyle, textDecorationLine, outlineStyle }) => [fontWeight, borderLeftWidth, borderTopWidth, borderTopStyle, textDecorationLine, outlineStyle].join())(getComputedStyle(e))
    return [...document.querySelectorAll(chosen)].filter(seen).filter(e => {
      const other = [...(e.parentElement.parentElement?.querySelectorAll(e.tagName) ?? [])].find(o => seen(o) && !o.matches(chosen) && o.className.split(' ')[0] === e.className.split(' ')[0])
      return other && shape(other) === shape(e)
    }).map(e => e.textContent.trim().slice(0, 30))
  })

const ZOOMS = [['400 % zoom', 320, '100%'], ['200 % text', 640, '200%']]

/** Holds a page of the clinic to its bars, in both themes and in the system's colours; with `shots` each is kept, at three widths. */
export function deskBars(page, shots, width = 1280) {
  return async function screen(name, on = page) {
    const keep = (how, more = {}) => on.screenshot({ path: `${shots}/${name.replaceAll(/\W+/g, '-')}-${how}.png`, fullPage: true, ...more })
    for (const colorScheme of ['light', 'dark']) {
      await on.emulateMedia({ colorScheme })
      const found = await violations(on, colorScheme === 'light' ? TAGS : CONTRAST)
      check(`B-08 axe: ${name}, ${colorScheme}`, !found.length, found.join('; '))
      for (const wide of shots ? [1920, 390, 1280] : []) {
        await on.setViewportSize({ width: wide, height: 900 })
        await keep(`${colorScheme}-${wide}`)
      }
      await on.setViewportSize({ width, height: 900 })
    }
    await on.emulateMedia({ colorScheme: 'light', forcedColors: 'active' })
    const bare = await onlyColoured(on)
    check(`B-16 system colours: ${name}: what is chosen is told by more than colour`, !bare.length, bare.join('; '))
    if (shots) await keep('system-colours')
    const lost = await lostInSystemColours(on)
    check(`B-16 system colours: ${name}: nothing is lost in them`, !lost.length, lost.join('; '))
    await on.emulateMedia({ colorScheme: 'light' })
    const tiny = await small(on, 32)
    check(`B-10 targets ≥ 32 px: ${name}`, !tiny.length, tiny.join('; '))
    check(`B-12 still: ${name}`, !(await moving(on)))
    for (const [how, wide, text] of ZOOMS) {
      const out = await sideways(on, wide, text)
      check(`B-14 ${how}: ${name}`, !out.length, out.join())
    }
    const t = performance.now()
    const { stops, unseen } = await walk(on)
    check(`B-09 keyboard: ${name}: each stop is come to, seen and not covered`, !unseen.length, unseen.join('; ') || `${stops} stops ${Math.round(performance.now() - t)} ms`)
  }
}

/**
 * Of a screenshot: mean and peak relative luminance (0 black to 1 white), pixels of saturated red or blue, and how strongly its rows or
 * columns repeat (a stripe pattern has high contrast and comes again after a few pixels).
 */
export function look(png) {
  const { width, height, data } = PNG.sync.read(png)
  const [rows, columns] = [new Float64Array(height), new Float64Array(width)]
  let sum = 0, peak = 0, glaring = 0
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b] = [data[i], data[i + 1], data[i + 2]]
    const l = 0.2126 * LINEAR[r] + 0.7152 * LINEAR[g] + 0.0722 * LINEAR[b]
    sum += l
    peak = Math.max(peak, l)
    rows[Math.floor(i / 4 / width)] += l / width
    columns[(i / 4) % width] += l / height
    if ((r > 90 && r > 2 * g && r > 2 * b) || (b > 90 && b > 1.5 * g && b > 1.5 * r)) glaring++
  }
  return { mean: sum / (data.length / 4), peak, glaring, stripes: Math.max(stripes(rows), stripes(columns)) }
}
const LINEAR = Array.from({ length: 256 }, (_, c) => ((c /= 255), c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))

/** How many pixels of a screenshot are not grey. */
export function colours(png) {
  const { data } = PNG.sync.read(png)
  let n = 0
  for (let i = 0; i < data.length; i += 4) if (Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 8) n++
  return n
}

/**
 * With the system's colours (B-16): what one can press or type into and shows neither a border nor an underline, the page one is on where
 * only a colour says so, and strokes that are of the ground's colour. None of it may be.
 */
export async function lostInSystemColours(page) {
  const lost = []
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ forcedColors: 'active', colorScheme })
    lost.push(...(await page.evaluate(() => {
      const shown = e => e.checkVisibility() && e.getBoundingClientRect().height > 0
      const said = e => getComputedStyle(e)
      const plain = e => said(e).borderTopWidth === '0px' && !said(e).textDecorationLine.includes('underline') && !['radio', 'checkbox'].includes(e.type)
      const ground = said(document.body).backgroundColor
      return [
        ...[...document.querySelectorAll('button, input, select, textarea')].filter(shown).filter(plain),
        ...[...document.querySelectorAll('[aria-current]')].filter(shown).filter(e => !said(e).textDecorationLine.includes('underline')),
        ...[...document.querySelectorAll('svg circle, svg rect')].filter(e => !e.hasAttribute('fill')).filter(e => /* a QR code is black on white in any colours */ said(e).stroke === ground || (said(e).fill === ground && said(e).stroke === 'none')),
        ...[...document.querySelectorAll('*')].filter(e => said(e).forcedColorAdjust === 'none'),
      ].map(e => e.outerHTML.slice(0, 60))
    })))
  }
  await page.emulateMedia({ forcedColors: null, colorScheme: null })
  return lost
}

/** Contrast that comes again after 4 to 23 pixels. */
function stripes(series) {
  const mean = series.reduce((a, b) => a + b) / series.length
  const power = series.reduce((a, b) => a + (b - mean) ** 2, 0)
  const again = lag => series.slice(lag).reduce((a, b, i) => a + (b - mean) * (series[i] - mean), 0) / (power || 1)
  const best = Math.max(...Array.from({ length: 20 }, (_, i) => again(i + 4)))
  return Math.sqrt(power / series.length) * Math.max(0, best)
}

/** The worst figures of all screens so far. */
export const worst = { mean: 0, peak: 0, stripes: 0 }

/** The same screen in another language, held to the bars that words can break: accessibility by day, the rest in the dark room. */
export function wordBars(page, shots) {
  return async function screen(name) {
    const wear = look => page().evaluate(look => (document.documentElement.dataset.look = look), look)
    await wear('day')
    const wrong = (await violations(page())).map(w => `axe ${w}`)
    if (shots) await page().screenshot({ path: `${shots}/${name.replace(/[^a-z0-9]+/gi, '-')}-day.png`, fullPage: true })
    await wear('room')
    const png = await page().screenshot()
    if (shots) await page().screenshot({ path: `${shots}/${name.replace(/[^a-z0-9]+/gi, '-')}-room.png`, fullPage: true })
    const seen = look(png)
    if (seen.mean > 0.03 || seen.peak > 0.5) wrong.push(`glare ${seen.mean} ${seen.peak}`)
    if (seen.glaring || seen.stripes >= 0.05) wrong.push(`red, blue or stripes ${seen.glaring} ${seen.stripes}`)
    wrong.push(...(await small(page(), 56)).map(t => `small ${t}`))
    if (await moving(page())) wrong.push('it moves')
    wrong.push(...(await sideways(page(), 320, '200%')).map(out => `at 320 px and 200 % ${out}`))
    return wrong
  }
}

/** Gives a `screen(name)` that holds the page that is on to the bars, in all three looks; with FAST it holds it to nothing. */
export function bars(page, shots) {
  if (process.env.FAST) return async () => {}
  const wear = look => page().evaluate(look => (document.documentElement.dataset.look = look), look)
  return async function screen(name) {
    for (const look of ['room', 'day', 'system']) {
      await wear(look)
      const found = look === 'system' ? [] : await violations(page(), look === 'day' ? TAGS : CONTRAST)
      check(`B-08 axe: ${name}, ${look}`, !found.length, found.join('; '))
      if (shots) await page().screenshot({ path: `${shots}/${name.replace(/[^a-z]+/gi, '-')}-${look}.png`, fullPage: true })
    }
    await wear('room')
    const seen = look(await page().screenshot())
    for (const key of Object.keys(worst)) worst[key] = Math.max(worst[key], seen[key])
    check(`B-11 glare: ${name}`, seen.mean <= 0.03 && seen.peak <= 0.5, `${(seen.mean * 100).toFixed(1)} %, peak ${(seen.peak * 100).toFixed(0)} %`)
    check(`B-13 no stripes, no red, no blue: ${name}`, !seen.glaring && seen.stripes < 0.05, `${seen.glaring} px, ${seen.stripes.toFixed(3)}`)
    const tiny = await small(page(), 56)
    check(`B-10 targets ≥ 56 px: ${name}`, !tiny.length, tiny.join('; '))
    check(`B-12 still: ${name}`, !(await moving(page())))
    const out = await sideways(page(), 320, '200%')
    check(`B-14 320 px and 200 % text: ${name}`, !out.length, out.join())
  }
}
