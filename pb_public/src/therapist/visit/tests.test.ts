import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { TESTS } from './tests'

const room = readFileSync(new URL('../../../../hooks/outcomes/physical.go', import.meta.url), 'utf8')
test.each(Object.entries(TESTS))('%s is measured as the server takes it', (type, { unit, max, sites = [] }) => {
  const line = room.split('\n').find(l => l.includes(`{Type: "${type}"`))!
  expect(line).toContain(`"${unit}"`)
  expect(line).toContain(`Max: ${max},`.replace(',', ''))
  if (/Sites:/.test(line)) for (const site of sites) expect(room).toContain(`"${site}"`)
})
