import { expect, test } from 'vitest'
import education from '../../../hooks/program/education.json'
import library from '../../../hooks/program/library.json'
import { spanish as carerPageSpanish, why } from '../carer/spanish'
import { english as carerPage } from '../carer/text'
import { text as content } from './content.es'
import { mark } from './mark'
import { english as refusedEnglish } from './needs/why'
import { text as refused } from './needs/why.es'

type Twin = Record<'english' | 'text', unknown>
const said = import.meta.glob<Twin>(['./**/text*.ts', '!./**/*.test.ts'], { eager: true })
const here = (spanish: boolean) => Object.entries(said).filter(([file]) => file.endsWith('.es.ts') === spanish)
const words = { carerPage, ...Object.fromEntries(here(false).map(([file, { english }]) => [file, english])) }
const spanish = { carerPage: carerPageSpanish, ...Object.fromEntries(here(true).map(([file, { text }]) => [file.replace('.es.ts', '.ts'), text])) }
const { english: text } = said['./text.screens.ts'] as { english: (typeof import('./text.screens'))['english'] }
const { english: progress } = said['./progress/text.ts'] as { english: (typeof import('./progress/text'))['english'] }

const BANNED = /\b(cures?|cured|significant|normal|abnormal|because|due to|caused?|causes|causing|leads? to|thanks to|prevents?|guarantee|safe to|you are safe|days free)\b/i

const EXAMPLES = [0, 1, 5, 59, 60, 150, 3000, ['one', 'two'], { sets: 2, reps: 10, hold_seconds: 5, minutes: null, per_week: 3, rep: 1, set: 2 }]
type Say = (...given: unknown[]) => unknown

/** Every string of the app, functions called with plain examples. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'function') return EXAMPLES.flatMap(x => called(value as Say, x))
  return Object.values(value as object).flatMap(strings)
}
const called = (say: Say, x: unknown) => {
  try {
    return [String(say(x, '09:12', 3, 4))]
  } catch {
    return [] // not made for such an example
  }
}
const all = [...new Set([...strings(words), ...strings(refusedEnglish)])]

// T-MED and T-BEFORE-AFTER are the spec's own sentences
test('B-24 no banned and no causal words', () => expect(all.filter(s => ![text.attack.tMed, progress.caption].includes(s) && BANNED.test(s))).toEqual([]))

function syllables(word: string) {
  const groups = word.toLowerCase().replace(/[^a-z]/g, '').replace(/(?:[^laeiouy]es|[^aeiouylt]ed|[^laeiouy]e)$/, m => m[0]!).match(/[aeiouy]+/g)
  return Math.max(1, groups?.length ?? 1)
}

/** Flesch–Kincaid grade. */
function grade(sentences: string[]) {
  const words = sentences.flatMap(s => s.match(/[A-Za-z’']+/g) ?? [])
  return 0.39 * (words.length / sentences.length) + 11.8 * (words.reduce((n, w) => n + syllables(w), 0) / words.length) - 15.59
}
const sentencesOf = (s: string) => s.split(/[.?!:]+\s*/).filter(x => /[a-z]/i.test(x))

/** What is read as prose: whole sentences, each once. A label on a button is no sentence, and would only make the rest look easy. */
const prose = (strings: string[]) => [...new Set(strings.filter(s => /[.?!]["”’)]*$/.test(s)))].flatMap(s => s.split(/[.?!]+["”’)]*\s+|[.?!]+["”’)]*$/)).filter(s => s.split(' ').length > 2)
/** One wording of each function, the first that its examples give. */
const once = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : typeof value === 'function' ? EXAMPLES.flatMap(x => called(value as Say, x)).slice(0, 1) : Object.values(value as object).flatMap(once)

test('B-24 patient texts read at grade 6 or below: each part of the app, each text of the library', () => {
  const parts = Object.entries(words).map(([file, said]) => [file.replace(/^\.\/|\/?text\.|ts$|\.$/g, '') || 'first', prose(once(said))] as const).filter(([, said]) => said.length >= 5)
  const read = education.map(({ code, title, text }) => [`text ${code}`, prose([`${title}.`, ...text.split('\n')])] as const)
  const done = library.map(item => [`exercise ${item.code}`, prose([item.instructions, item.caution, item.stop].filter(Boolean))] as const)
  const graded = [...parts, ...read, ...done].map(([name, said]) => ({ name, grade: grade(said) })).sort((a, b) => b.grade - a.grade)
  const all = [...parts, ...read, ...done].flatMap(([, said]) => said)
  console.log(`B-24 ${all.length} sentences in ${graded.length} texts: grade ${grade(all).toFixed(1)} in all, the hardest ${graded.slice(0, 3).map(g => `${g.name} ${g.grade.toFixed(1)}`).join(', ')}, bar 6`)
  expect(graded.filter(g => g.grade > 6)).toEqual([])
})

test('no single sentence is harder than grade 9, but for the names of the emergency services', () => {
  const hard = all.flatMap(sentencesOf).filter(s => s.split(' ').length > 6 && grade([s]) > 9 && !/emergency/.test(s))
  expect(hard).toEqual([])
})

// --- Spanish: the same shape, the same honesty, as easy to read

const BANNED_SPANISH = /\b(cura|curan|curar|curado|significativ[oa]s?|normal(es)?|anormal(es)?|porque|debid[oa] a|caus(a|an|ar|ado|ando)|provoca[nr]?|gracias a|previene[n]?|garantiza[nr]?|es seguro|días libres)\b/i
const allSpanish = [...new Set([...strings(spanish), ...strings(refused), ...strings(why)])]

test('every word is there in Spanish, and asks for the same things', () => expect(shape(spanish)).toEqual(shape(words)))

/** Rules that an entry of the patient's own, a link or a code can break: in the rooms that judge them, and at the doors. */
const RULES = import.meta.glob<string>(
  [
    '../../../hooks/{entry,caregiver,invitation}/*.go', '!../../../hooks/**/*_test.go', '../../../hooks/triggers/form.go', '../../../hooks/outcomes/answers.go', '../../../hooks/medication/medication.go', '../../../hooks/safety/devices.go',
    '../../../hooks/{entries,messages,triggers,triggers_planned,caregiver_entries,caregivers,invitation,safety_home,attack_plans,readiness,devicesync_document,devicesync_entry,devicesync_rights,scope,errors}.go',
  ],
  { eager: true, query: '?raw', import: 'default' },
)

test('whatever she or who sits beside her may be refused has its reason in Spanish', () => {
  const codes = Object.values(RULES).flatMap(go => go.match(/(?<=")E_[A-Z_0-9]+(?=")/g) ?? [])
  expect(codes.length).toBeGreaterThan(80)
  expect([...new Set(codes)].filter(code => !refused[code]).sort()).toEqual([])
  const beside = Object.entries(RULES).filter(([file]) => /\/(caregiver|entry)\.go$/.test(file)).flatMap(([, go]) => go.match(/(?<=")E_[A-Z_0-9]+(?=")/g) ?? [])
  expect([...new Set([...beside, 'E_NOT_FOUND', 'E_TOO_MANY'])].filter(code => !why[code])).toEqual([])
})

/** The names of all words, and of the functions among them, with how much each is given. */
const shape = (value: unknown, path = ''): string[] =>
  typeof value === 'string' ? [path]
  : typeof value === 'function' ? [`${path}(${value.length})`]
  : Object.entries(value as object).flatMap(([key, inner]) => shape(inner, `${path}.${key}`)).sort()

test('no banned and no causal words in Spanish', () => expect(allSpanish.filter(s => BANNED_SPANISH.test(s))).toEqual([]))

/** Syllables by groups of vowels; two strong ones, or an accented weak one, are two. */
const syllablesSpanish = (word: string) => Math.max(1, (word.toLowerCase().replace(/[aeoáéó](?=[aeoáéóíú])|[íú](?=[aeoáéó])/g, '$& ').replace(/qu|gu(?=[eiéí])/g, 'q').match(/[aeiouáéíóúü]+/g) ?? []).length)

/** INFLESZ (Szigriszt-Pazos): 65 and more is "rather easy", what a twelve-year-old reads. */
function inflesz(sentences: string[]) {
  const words = sentences.flatMap(s => s.match(/[\p{L}’]+/gu) ?? [])
  return 206.835 - 62.3 * (words.reduce((n, w) => n + syllablesSpanish(w), 0) / words.length) - words.length / sentences.length
}
const sentencesSpanish = allSpanish.flatMap(s => s.split(/[.?!:¿¡]+\s*/)).filter(s => /\p{L}/u.test(s))

test('Spanish texts are rather easy to read', () => expect(inflesz(sentencesSpanish.filter(s => s.split(' ').length > 2))).toBeGreaterThanOrEqual(65))
test('no single Spanish sentence is hard', () => expect(sentencesSpanish.filter(s => s.split(' ').length > 6 && inflesz([s]) < 50)).toEqual([]))

test('the whole library is there in Spanish, and says what is found by the English', () => {
  const fields = { items: ['name', 'instructions', 'caution'], education: ['title', 'text'] } as const
  for (const [kind, rows] of [['items', library], ['education', education]] as const)
    for (const row of rows as unknown as Record<string, string>[]) for (const field of fields[kind]) if (row[field]) expect([row.code, field, content[mark(row[field])]]).toEqual([row.code, field, expect.stringMatching(/\S/)])
  for (const { code, stop } of library) if (stop) expect([code, content[mark(stop)]]).toEqual([code, expect.stringMatching(/\S/)])
  expect(content[mark('Brisk walk')]).toBe('Caminar a paso vivo')
  expect(inflesz(Object.values(content).flatMap(s => s.split(/[.?!:¿¡\n]+\s*/)).filter(s => s.split(' ').length > 2))).toBeGreaterThanOrEqual(65)
  expect(Object.values(content).filter(s => BANNED_SPANISH.test(s))).toEqual([])
})
