// From an invitation to a plan that can be signed, through the screens: what two journeys share.
import { PASSWORD, check } from './lib.mjs'

/** She is invited at the desk, and joins on her phone. */
export async function joins(page, mobile, url, name, email) {
  await page.getByRole('link', { name }).click()
  await page.getByRole('button', { name: 'Invite' }).click()
  const code = (await page.locator('.code').innerText()).trim()
  await mobile.goto(`${url}/app/#join=${code}`)
  await mobile.getByLabel('Email').fill(email)
  await mobile.getByLabel(/password/i).fill(PASSWORD)
  await mobile.getByRole('button', { name: 'Yes to these five' }).click()
  await mobile.locator('form button.main').click()
  await mobile.getByText('Up to date').waitFor()
  check('invitation: the patient has joined', true)
}

/** The rules panel of the plan editor: what it misses is solved where it leads, with the keyboard. */
export function editor(page) {
  const panel = page.getByRole('region', { name: /^Rules:/ })
  const line = (code, words) => panel.locator(`li[data-code="${code}"]`).filter(words ? { hasText: words } : {})
  const key = k => page.keyboard.press(k)
  const type = async words => (await page.keyboard.type(words), await key('Tab'))
  /** A date field takes its digits in the reader's own order. */
  const day = value => page.evaluate(value => {
    const at = document.activeElement
    at.value = value
    at.dispatchEvent(new Event('input', { bubbles: true }))
    at.blur()
  }, value)

  /** Presses the step that a line offers; the focus must be in the form, then `work` with the keyboard, and the line must go. */
  async function solve(code, words, work) {
    const one = line(code, words).first()
    await one.getByRole('button').first().click()
    await page.waitForFunction(() => document.activeElement?.closest('.form, .actions, .step'), null, { timeout: 5000 }).catch(() => check(`${code} ${words ?? ''}: the focus moves to its field`, false))
    await work()
    await one.waitFor({ state: 'detached', timeout: 10_000 }).then(() => check(`${code}${words ? ` (${words})` : ''} solved from the panel`, true), () => check(`${code} ${words ?? ''} solved from the panel`, false))
  }

  /** The evaluation and what a plan must say besides goals and items; in the groups of `impaired` something is found. */
  async function evaluates(today, { frequency = 'Once a week', impaired = [] } = {}) {
    await solve('E_NO_EVALUATION', null, () => key('Enter'))
    await solve('E_NO_REDFLAG_SCREEN', null, async () => {
      await key('Enter')
      await page.getByRole('button', { name: 'Keep the screen' }).waitFor()
      for (let i = 0; i < 3; i++) await key('n')
      await page.getByRole('button', { name: 'No to all the rest' }).click()
      await page.getByRole('button', { name: 'Keep the screen' }).click()
    })
    await solve('E_PLAN_CONTENT', 'A diagnosis', () => key('Enter'))
    await solve('E_PLAN_CONTENT', 'Why physical therapy', () => key('Space'))
    await solve('E_PLAN_CONTENT', 'Type of treatment', () => type('Exercise, manual therapy, education'))
    await solve('E_PLAN_CONTENT', 'Amount', () => type('45 minutes'))
    await solve('E_PLAN_CONTENT', 'Frequency', () => type(frequency))
    await solve('E_PLAN_CONTENT', 'Duration', () => type('6 weeks'))
    for (const group of ['upper cervical', 'neck upper back', 'TMJ', 'head face'])
      await solve('E_REGION_GROUP_MISSING', group, async () => (impaired.includes(group) || (await key('Tab')), await key('Enter')))
    await solve('E_NO_CONSENT', null, () => day(today))
  }
  return { panel, line, key, type, day, solve, evaluates }
}
