import type { Intervention, Technique } from '../../lib/visits'

export const SCALES = [
  ['tension_before', 'tension', 'before'], ['tension_after', 'tension', 'after'], ['pain_before', 'pain', 'before'], ['pain_after', 'pain', 'after'],
] as const

/** By a few letters: what begins with them comes first, then a word that does, then anything that holds them. */
export function found(all: readonly Technique[], words: string) {
  const wanted = words.toLowerCase().trim()
  const rank = (x: Technique) => {
    const name = x.name.toLowerCase()
    if (name.startsWith(wanted)) return 0
    if (name.split(/[^a-z0-9]+/).some(word => word.startsWith(wanted))) return 1
    return `${x.code} ${x.technique} ${x.region} ${name}`.toLowerCase().replaceAll('_', ' ').includes(wanted) ? 2 : 3
  }
  return all.map(x => ({ x, at: rank(x) })).filter(r => r.at < 3).sort((a, b) => a.at - b.at || Number(b.x.category === 'manual') - Number(a.x.category === 'manual')).map(r => r.x)
}

/** What is shown of something done: its name in the library, else its technique or kind of care. */
export const named = (all: readonly Technique[], v: Intervention) =>
  all.find(x => x.category === v.category && x.technique === v.technique && x.region === v.region)?.name ?? (v.technique || v.category).replaceAll('_', ' ')
