import { expect, test } from 'vitest'
import library from '../../../../hooks/program/library.json'
import { answers, serves } from './fit'

const items = library.map(x => ({ ...x, attack_ok: x.attackOk }))
const codes = (fits: (x: (typeof items)[number]) => boolean) => items.filter(fits).map(x => x.code)

test('a finding in one joint: items for it, and for the places that hold it', () => {
  const found = { finding: 'impaired', region_group: 'upper_cervical', region: 'C1_C2' }
  expect(codes(x => answers(x, found))).toEqual(['C04', 'C05', 'C06', 'M04', 'M07', 'M08', 'O01', 'R03'])
})
test('a finding in a group: items for every place of it', () => {
  expect(codes(x => answers(x, { finding: 'impaired', region_group: 'tmj' }))).toEqual(['C14', 'C15', 'M09'])
})
test('what was looked at and is well asks for nothing', () => {
  for (const finding of ['normal', 'not_indicated', 'video', 'next_visit']) expect(codes(x => answers(x, { finding, region_group: 'upper_cervical' }))).toEqual([])
})
test('a muscle under the skull has one name more than one spelling', () => {
  expect(codes(x => answers(x, { finding: 'impaired', region_group: 'upper_cervical', region: 'suboccipitals' }))).toContain('C09')
})
test('a goal about headaches: what was tried in migraine', () => {
  const few = codes(x => serves(x, 'frequency'))
  expect(few).toContain('G01')
  expect(few).not.toContain('C01')
  expect(items.filter(x => serves(x, 'intensity')).every(x => 'AB'.includes(x.grade))).toBe(true)
})
test('a goal about the neck, sleep, daily life, doing it alone', () => {
  expect(items.filter(x => serves(x, 'neck_function')).every(x => x.code.startsWith('C') || x.code.startsWith('M'))).toBe(true)
  expect(codes(x => serves(x, 'sleep'))).toEqual(['R01', 'R02', 'R03', 'R04'])
  expect(codes(x => serves(x, 'activity'))).toContain('G05')
  expect(items.filter(x => serves(x, 'self_management')).every(x => x.attackOk)).toBe(true)
  expect(codes(x => serves(x, ''))).toEqual([])
})
