import { expect, test } from 'vitest'
import type { Technique } from '../../lib/visits'
import { found, named } from './done'

const of = (code: string, name: string, technique = '', region = '') => ({ id: code, code, name, technique, region, category: 'manual' }) as Technique
const all = [of('M01', 'Soft-tissue massage', 'massage', 'neck'), of('M03', 'Suboccipital inhibition', 'suboccipital_release', 'suboccipitals'), of('M04', 'Mobilization C1 to C3, mid-range', 'mobilization'), of('M05', 'Thoracic mobilization', 'mobilization')]

test('a few letters find the technique', () => {
  expect(found(all, 'su')[0]!.code).toBe('M03')
  expect(found(all, 'mo').map(x => x.code)).toEqual(['M04', 'M05'])
  expect(found(all, 'release').map(x => x.code)).toEqual(['M03'])
  expect(found(all, 'm05')[0]!.code).toBe('M05')
  expect(found(all, 'zzz')).toEqual([])
})
test('what was done has a name, also when the library has lost it', () => {
  expect(named(all, { category: 'manual', technique: 'massage', region: 'neck' } as never)).toBe('Soft-tissue massage')
  expect(named([], { category: 'modality_cold', technique: '', region: '' } as never)).toBe('modality cold')
})
