import 'fake-indexeddb/auto'
import { describe, expect, test } from 'vitest'
import { openStore } from '../../lib/store'
import { openImport } from './apply'
import { idFrom, minutesOf, orderOf, read, wallClock } from './buddy'
import { letters, parse } from './csv'

const NOW = Date.UTC(2026, 10, 23, 12)
const HEAD = '"#","Started","Lasted","Start UTC Offset (min)","End UTC Offset (min)","Geohash","Attack Types","Attack Location","Pain Level","Affected Activities","Potential Triggers","Symptoms","Most Bothersome Symptom","Premonitory Symptoms","Pain Positions","Helpful Medication","Somewhat helpful thing"'
const row = (n: number, started: string, more: Partial<Record<'lasted' | 'offset' | 'pain' | 'symptoms' | 'medicine' | 'last', string>> = {}) =>
  [n, started, more.lasted ?? '4h', more.offset ?? '-300', more.offset ?? '-300', 'dr4', 'Migraine', 'Home', more.pain ?? '7', 'Work', 'Stress', more.symptoms ?? 'Nausea, Sensitivity to light', 'Nausea', 'Yawning', 'Left temple', more.medicine ?? 'Sumatriptan', more.last ?? '']
    .map(c => `"${String(c).replaceAll('"', '""')}"`).join(',')
const file = (...rows: string[]) => ['"Date","Time Period","Description","Notes"', '"No ongoing events."', '', HEAD, ...rows].join('\n')
const found = (text: string, order?: 'day' | 'month') => read(text, 'ada000000000000', NOW, order)

describe('commas and quotes', () => {
  test.each([
    ['a,b\nc,d', [['a', 'b'], ['c', 'd']]],
    ['"a,b","c""d"\r\n"two\nlines",x\n', [['a,b', 'c"d'], ['two\nlines', 'x']]],
    ['\uFEFFa\n\nb', [['a'], [''], ['b']]],
    ['a"b,c', [['a"b', 'c']]],
    ['', []],
  ])('%j', (text, cells) => expect(parse(text).rows.map(r => r.cells)).toEqual(cells))
  test('the line a row begins in', () => expect(parse('a\n"b\nc"\nd').rows.map(r => r.line)).toEqual([1, 2, 4]))
  test('a quote that never ends', () => expect(parse('a\nb,"c\nd').open).toBe(2))
})

describe('an attack', () => {
  const { found: [one], skipped, remarks, unknown, other } = found(file(row(1, '2026-03-02 08:30', { symptoms: 'Nausea, Sensitivity to light, Odd feeling' })))
  test('times by the offset in the file', () => expect([one!.attack.started_at, one!.attack.ended_at, one!.attack.started_offset]).toEqual(['2026-03-02 13:30:00.000Z', '2026-03-02 17:30:00.000Z', -300]))
  test('known words become answers, nothing becomes a no', () => expect([one!.attack.nausea, one!.attack.photophobia, one!.attack.vomiting, one!.attack.peak_nrs]).toEqual([true, true, null, 7]))
  test('the rest stays as words, the place does not', () => expect(one!.attack.note).toBe('Migraine Buddy\nSymptoms: Odd feeling\nAttack Types: Migraine\nAffected Activities: Work\nPotential Triggers: Stress\nMost Bothersome Symptom: Nausea\nPremonitory Symptoms: Yawning\nPain Positions: Left temple\nHelpful Medication: Sumatriptan'))
  test('nothing is passed over in silence', () => expect({ skipped, remarks, unknown, other }).toEqual({ skipped: [], remarks: [{ line: 5, what: 'symptom', said: 'Odd feeling' }], unknown: [{ name: 'Somewhat helpful thing', count: 0 }], other: 2 }))
  test('marked as an import, and late because it is', () => expect([one!.attack.source, one!.attack.entered_at]).toEqual(['import', '2026-11-23 12:00:00.000Z']))
})

test('what is left out, by line and reason', () => {
  const { found: kept, skipped } = found(file(row(1, '2026-03-02 08:30'), row(2, 'last week'), row(3, '2026-03-02 08:30'), row(4, '2031-01-01 10:00'), row(5, '1970-01-01 10:00'), `${row(6, '2026-03-09 08:30')},"more","than"`, row(7, '2026-02-30 08:00'), row(8, '2026-03-10'), row(9, '2026-03-11 08:00').slice(0, -2) + '"lost quote'))
  expect(kept.map(f => f.line)).toEqual([5])
  expect(skipped.map(s => `${s.line} ${s.why}`)).toEqual(['6 start', '7 twice', '8 future', '9 old', '10 cells', '11 start', '12 start', '13 quote'])
})
test('what cannot be read of an attack is said, and left unknown', () => {
  const { found: [one], remarks } = found(file(row(1, '2026-03-02 08:30', { lasted: 'a while', pain: 'Severe', offset: '' })))
  expect([one!.attack.end_known, one!.attack.ended_at, one!.attack.peak_nrs]).toEqual(['unknown', '', null])
  expect(remarks.map(r => r.what)).toEqual(['offset', 'lasted', 'pain'])
})
test('another file is none of ours', () => expect(found('day,headache\n2026-01-01,yes')).toMatchObject({ known: false, found: [], other: 2 }))
test('columns in another order, another case, a new one, no first block', () => {
  const { found: [one], unknown } = found('lasted,PAIN LEVEL,Started,Moon\n"1h 30m",3,2026-03-02T08:30,full')
  expect([one!.attack.peak_nrs, one!.attack.ended_at.length > 0, unknown]).toEqual([3, true, [{ name: 'Moon', count: 1 }]])
})

test.each([['4h 30m', 270], ['1d 2h', 1560], ['1 day, 2 hours and 5 minutes', 1565], ['04:30', 270], ['90 min', 90], ['1.5h', 90], ['', null], ['ages', null], ['4', null], ['4h?', null], ['90d', null], ['3 moons', null]])('lasted %j', (text, minutes) => expect(minutesOf(text)).toBe(minutes))

test.each([
  ['2026-03-02 08:30', 'day', '2026-03-02T08:30'], ['02/03/2026 8:30', 'day', '2026-03-02T08:30'], ['02/03/2026 8:30 PM', 'month', '2026-02-03T20:30'], ['2 Mar 2026 12:05 am', 'day', '2026-03-02T00:05'],
  ['Mon, 2 March 2026 08:30', 'day', '2026-03-02T08:30'], ['March 2, 2026 at 8:30 PM', 'day', '2026-03-02T20:30'], ['2 Smarch 2026 08:30', 'day', ''], ['31/02/2026 08:30', 'day', ''], ['2026-03-02 25:00', 'day', ''], ['2026-03-02 13:00 pm', 'day', ''], ['02/03/2026 8:30\u00a0p.\u00a0m.', 'day', '2026-03-02T20:30'],
] as const)('started %s, %s first', (text, order, at) => expect(wallClock(text, order)).toBe(at ? Date.parse(`${at}:00Z`) : null))

test('which number is the month is told by the file, or asked', () => {
  expect([orderOf(['03/04/2026 08:00', '13/04/2026 08:00']), orderOf(['03/04/2026 08:00', '04/13/2026 08:00']), orderOf(['03/04/2026 08:00']), orderOf(['2026-03-04'])]).toEqual(['day', 'month', null, 'day'])
  const text = file(row(1, '03/04/2026 08:00'))
  expect(found(text)).toMatchObject({ ask: '03/04/2026 08:00', found: [] })
  expect(found(text, 'month').found[0]!.attack.started_at).toBe('2026-03-04 13:00:00.000Z')
})

test('an id is 15 letters and digits, and many instants do not share one', () => {
  const ids = new Set(Array.from({ length: 20_000 }, (_, i) => idFrom(`ada000000000000 ${NOW - i * 60_000}`)))
  expect(ids.size).toBe(20_000)
  expect([...ids].every(id => /^mb[a-z0-9]{13}$/.test(id))).toBe(true)
})

test.each([[';'], ['\t']])('as a spreadsheet saves it, with %j between the cells: found by the names of the columns', mark => {
  const there = (text: string) => text.replaceAll('","', `"${mark}"`)
  const { found: [one], known, skipped } = found(there(['sep=' + mark, HEAD, row(1, '2026-03-02 08:30', { symptoms: 'Nausea; Sensitivity to light, Odd' }) + mark, row(2, '2026-03-09 08:30')].join('\r\n')))
  expect([known, skipped, one!.attack.started_at, one!.attack.peak_nrs, one!.attack.nausea, one!.attack.photophobia]).toEqual([true, [], '2026-03-02 13:30:00.000Z', 7, true, true])
})
test('empty cells beyond the last column say nothing, and leave nothing out', () => expect(found(file(`${row(1, '2026-03-02 08:30')},,`)).found).toHaveLength(1))

test('letters of the file: UTF-8, with and without its mark, UTF-16, and what Windows writes', () => {
  const bytes = (...numbers: number[]) => new Uint8Array(numbers).buffer
  expect([bytes(0x4e, 0xc3, 0xa1), bytes(0xef, 0xbb, 0xbf, 0x4e, 0xc3, 0xa1), bytes(0xff, 0xfe, 0x4e, 0, 0xe1, 0), bytes(0x4e, 0xe1)].map(letters)).toEqual(['Ná', 'Ná', 'Ná', 'Ná'])
})

const random = (seed: number) => () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32)

test('whatever the file is, each line is an attack, left out, or of another part; and reading never fails', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
  console.info(`seed ${seed}`)
  const next = random(seed)
  const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)]!
  for (let round = 0; round < Number(process.env.SEEDS ?? 300); round++) {
    let text = file(...Array.from({ length: 1 + Math.floor(next() * 8) }, (_, i) => row(i, pick(['2026-03-02 08:30', '02/03/2026 09:00', '13/03/2026 09:00', 'x', '', `2026-0${1 + (i % 9)}-11 10:00`]), { lasted: pick(['', '3h', '99d', '-1h', '🌙']), pain: pick(['', '11', '-3', '7.5', '10']), offset: pick(['', '-300', '99999', 'x']) })))
    for (let i = Math.floor(next() * 12); i > 0; i--) {
      const at = Math.floor(next() * text.length)
      text = text.slice(0, at) + pick(['"', ',', '\n', '\r\n', '', '\0', '🌙', 'Started', ',"', '""']) + text.slice(at + Math.floor(next() * 3))
    }
    const report = found(text, pick(['day', 'month']))
    const lines = parse(text).rows.filter(r => r.cells.some(Boolean)).length
    if (report.known) expect([text, report.found.length + report.skipped.length + report.other + 1]).toEqual([text, lines])
    for (const { attack } of report.found) {
      expect(attack.peak_nrs === null || (Number.isInteger(attack.peak_nrs) && attack.peak_nrs >= 0 && attack.peak_nrs <= 10)).toBe(true)
      expect(Number.isNaN(Date.parse(attack.started_at))).toBe(false)
      expect(!attack.ended_at || attack.ended_at >= attack.started_at).toBe(true)
      expect(attack.note.length).toBeLessThan(5000)
    }
  }
})

describe('on the phone', () => {
  const text = file(row(1, '2026-03-02 08:30'), row(2, '2026-03-05 22:30', { lasted: '6h' }), row(3, '2026-03-09 08:30', { medicine: '' }))
  test('a second import adds nothing, and all of it is taken out at once', async () => {
    const store = openStore(`import-${Math.random()}`)
    await store.write(() => [{ collection: 'diary_days', row: { id: 'ada00000000000020260302', patient: 'ada000000000000', day: '2026-03-02', acute_medicine: false, headache: true } as never }])
    const { preview, apply, takeOut, held } = openImport(store, 'ada000000000000')
    expect(await preview(found(text))).toEqual({ attacks: 3, already: 0, days: 0 }) // the one day with a medicine has an answer of hers, the other attack spans two
    await apply(found(text))
    expect(await preview(found(text))).toEqual({ attacks: 0, already: 3, days: 0 })
    const before = await store.everything()
    expect(await apply(found(text))).toEqual([])
    expect(await store.everything()).toEqual(before)
    await takeOut(await held())
    expect((await store.everything()).attacks).toEqual([])
    expect((await store.everything()).diary_days).toHaveLength(1)
    await apply(found(text))
    expect((await store.everything()).attacks).toHaveLength(3)
  })
  test('a day nobody has answered says that medicine was taken, and goes with the import unless she answered more', async () => {
    const store = openStore(`import-${Math.random()}`)
    const { apply, takeOut, held } = openImport(store, 'ada000000000000')
    const day = file(row(1, '2026-04-02 08:30'), row(2, '2026-04-04 08:30'))
    await apply(found(day))
    await store.write(() => [{ collection: 'diary_days', row: { id: 'ada00000000000020260404', neck_pain_nrs: 3 } }])
    expect((await store.everything()).diary_days).toMatchObject([{ acute_medicine: true, source: 'import' }, { acute_medicine: true }])
    await takeOut(await held())
    expect((await store.everything()).diary_days).toMatchObject([{ day: '2026-04-04', neck_pain_nrs: 3, acute_medicine: null }])
  })
})
