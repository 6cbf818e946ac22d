// A row of responses to one questionnaire, each compared with its baseline, as hooks/outcomes/series.go does it.
import { compare, incomparable, type Change } from './change'
import { score, type Response, type Result } from './score'
import { find, type Scale } from './table'

export type ScaleChange = Change & { scale: string; baseline: string }
export type Point = Result & { id: string; on: string; said: Response; changes: ScaleChange[] }

/** Oldest first. The baseline is the last start on or before that day, else the first response with a score. */
export function series(responses: readonly Response[]): Point[] {
  const points = responses
    .map((r): Point => ({ ...score(r), id: r.id ?? '', on: r.on ?? '', said: { ...r, version: r.version || find(r.instrument)?.version }, changes: [] }))
    .sort((a, b) => a.on.localeCompare(b.on) || a.id.localeCompare(b.id))
  return points.map((p, i) => ({ ...p, changes: changes(p, points.slice(0, i)) }))
}

function changes(p: Point, earlier: readonly Point[]): ScaleChange[] {
  const scales = find(p.instrument, p.said.version)?.scales ?? []
  if (p.status !== 'scored' || (p.said.occasion === 'start' && !scales.some(s => s.rated))) return []
  const scored = earlier.filter(e => e.status === 'scored' && e.said.version === p.said.version)
  const base = scored.findLast(e => e.said.occasion === 'start') ?? scored[0]
  return scales.map(s => since(base, p, s))
}

function since(base: Point | undefined, p: Point, s: Scale): ScaleChange {
  const of = (x: Point) => x.scores.find(y => y.scale === s.id)?.value ?? null
  if (s.rated) return { ...compare(s, null, of(p)), scale: s.id, baseline: '' }
  if (!base) return { ...incomparable('NO_BASELINE'), scale: s.id, baseline: '' }
  const change = sameWords(base.said, p.said) ? compare(s, of(base), of(p)) : incomparable('ACTIVITIES_DIFFER')
  return { ...change, scale: s.id, baseline: base.id }
}

/** Activities in a patient's own words are compared with the same activities only. */
function sameWords(a: Response, b: Response) {
  const it = find(a.instrument, a.version)
  if (!it?.words) return true
  return it.items.every(({ id }) => {
    const [x, y] = [a.answers?.[id] ?? null, b.answers?.[id] ?? null]
    const [was, is] = [plain(a.words?.[id]), plain(b.words?.[id])]
    return (x === null) === (y === null) && (x === null || !was || !is || was === is)
  })
}

const plain = (words = '') => words.trim().split(/\s+/).join(' ').toLowerCase()
