import { expect, test } from 'vitest'
import { changed, merge } from './merge'

const base = { id: 'a', peak_nrs: 3, note: '', ended_at: '' }

test('changes to different fields are both kept', () => {
  expect(merge(base, { ...base, ended_at: 'x' }, { ...base, peak_nrs: 7 })).toEqual({ row: { ...base, ended_at: 'x', peak_nrs: 7 }, conflicts: [] })
})
test('where both changed a field theirs stands, and the field is named', () => {
  expect(merge(base, { ...base, peak_nrs: 1 }, { ...base, peak_nrs: 7 })).toEqual({ row: { ...base, peak_nrs: 7 }, conflicts: ['peak_nrs'] })
})
test('the same change on both sides is no conflict', () => {
  expect(merge(base, { ...base, peak_nrs: 7 }, { ...base, peak_nrs: 7 }).conflicts).toEqual([])
})
test('without a common base every difference is a conflict', () => {
  expect(merge(null, { ...base, peak_nrs: 1 }, base)).toEqual({ row: base, conflicts: ['peak_nrs'] })
})
test('values are compared by content, and bookkeeping of the server is not a change', () => {
  expect(changed({ id: 'a', list: [1] }, { id: 'a', list: [1], rev: 'e:2', updated: 'now' })).toEqual([])
  expect(changed({ id: 'a', nausea: null }, { id: 'a', nausea: false })).toEqual(['nausea'])
})
