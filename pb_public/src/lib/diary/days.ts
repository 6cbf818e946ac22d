import { instant } from '../time'
import type { Attack as AttackRow, DiaryDay, Dose as DoseRow, DrugClass, Flag, Medication, Num, Reading as ReadingRow } from '../types'

/**
 * The day rules of hooks/diary, for a phone without signal: was this day recorded, a headache day, a migraine day, a day
 * with an acute drug, crystal-clear? The Go package says what the rules are and where they come from (`go doc
 * interictal/hooks/diary`); here is only what it takes to give the same answers. Both read hooks/diary/testdata/days.json.
 *
 * `null` means that nobody said, and stays null for as long as it could still change the answer.
 */
export type Day = {
  day: string
  recorded: boolean
  headache: Flag
  migraine: Flag
  acute: Flag
  clear: Flag
}

export type DayProfile = 'leiden2023' | 'ihs_trial'

/** Store rows fit as they are; what a row does not say counts as not said. A dose brings its medicine's class along. */
export type Entries = {
  zone: string
  checkIns: readonly CheckIn[]
  attacks: readonly Attack[]
  readings: readonly Reading[]
  doses: readonly Dose[]
}
export type CheckIn = Pick<DiaryDay, 'day'> & Partial<Pick<DiaryDay, 'tz' | 'headache' | 'worst_pain_nrs' | 'acute_medicine'>>
export type Attack = Pick<AttackRow, 'id' | 'started_at'> & Partial<AttackRow>
export type Reading = Pick<ReadingRow, 'attack' | 'at' | 'nrs'>
export type Dose = Pick<DoseRow, 'taken_at'> & Partial<Pick<DoseRow, 'tz' | 'worked'>> & {
  drug_class?: DrugClass | ''
  indication?: Medication['indication'] | ''
}

const MINUTE = 60_000
const DAY = 1440 * MINUTE
const HEADACHE_LASTS = 30 * MINUTE
const TRIAL_LASTS = 240 * MINUTE
const SPECIFIC: readonly string[] = ['triptan', 'ergotamine', 'gepant', 'ditan']
const NO_DRUG: readonly string[] = ['neuromodulation', 'cold']

const not = (a: Flag): Flag => (a === null ? null : !a)
const and = (a: Flag, b: Flag): Flag => (a === false || b === false ? false : a && b ? true : null)
const or = (a: Flag, b: Flag): Flag => not(and(not(a), not(b)))
const atLeast = (n: Num | undefined, least: number): Flag => (n == null ? null : n >= least)
const worse = (a: Num, b: Num | undefined): Num => (b == null ? a : a === null ? b : Math.max(a, b))
/** Two answers to one question: a yes beats a no, an answer beats none. */
const either = (a: Flag, b: Flag | undefined): Flag => (a === null ? b ?? null : b == null ? a : a || b)

/** Every day from … to, in order. The caller ends at today. */
export function days(entries: Entries, profile: DayProfile, from: string, to: string): Day[] {
  const zones = new Zones(entries)
  const first = dayNumber(from)
  const facts = Array.from({ length: Math.max(dayNumber(to) - first + 1, 0) }, () => ({ ...NOTHING }))
  const on = (day: number) => facts[day - first]
  for (const c of entries.checkIns) checkIn(on(dayNumber(c.day)), c)
  for (const spell of inOrder(entries)) enter(spell, zones, on)
  for (const d of entries.doses) take(d, zones, on)
  return facts.map((f, i) => judge(f, dayText(first + i), profile))
}

/** The day of an instant, where she was by the check-ins, the entry or at home; '' for an instant that is none. */
export function dayIndex(entries: Pick<Entries, 'zone' | 'checkIns'>) {
  const zones = new Zones(entries)
  return (at: string, tz: string | undefined) => (Number.isNaN(instant(at)) ? '' : dayText(zones.dayOf(instant(at), tz)))
}

/** What the entries say about one day, before any rule. */
type Facts = {
  answer: Flag
  saidAcute: Flag
  peak: Num
  pain: number // milliseconds, overlaps counted once
  counted: number // pain is counted up to here
  touched: boolean // by a headache attack
  unended: boolean // by the last known instant of an attack without end
  features: Flag // C and D within one attack
  auraFits: Flag
  aura: Flag
  drug: boolean
  specific: boolean
  worked: Flag
}

const NOTHING: Facts = {
  answer: null, saidAcute: null, peak: null, pain: 0, counted: -Infinity, touched: false, unended: false,
  features: false, auraFits: false, aura: false, drug: false, specific: false, worked: false,
}

function checkIn(f: Facts | undefined, c: CheckIn) {
  if (!f) return
  f.answer = either(f.answer, c.headache)
  f.saidAcute = either(f.saidAcute, c.acute_medicine)
  f.peak = worse(f.peak, c.worst_pain_nrs)
}

/** An attack with its times as numbers and its readings beside it. */
type Spell = {
  attack: Attack
  readings: readonly Reading[]
  start: number
  until: number // its end, its last reading, or its onset
  closed: boolean
  peak: Num // the worst number anybody gave for it
  painless: boolean
  aura: Flag
}

function inOrder(entries: Entries): Spell[] {
  const readings = byAttack(entries.readings)
  return entries.attacks
    .filter(a => !Number.isNaN(instant(a.started_at)))
    .map(a => spellOf(a, readings.get(a.id) ?? []))
    .sort((a, b) => a.start - b.start || a.until - b.until)
}

function byAttack(readings: readonly Reading[]) {
  const groups = new Map<string, Reading[]>()
  for (const r of readings) {
    const group = groups.get(r.attack)
    if (group) group.push(r)
    else groups.set(r.attack, [r])
  }
  return groups
}

function spellOf(attack: Attack, readings: readonly Reading[]): Spell {
  const start = instant(attack.started_at)
  const end = instant(attack.ended_at ?? '')
  const closed = end >= start // an end before the onset is a slip of the clock, and says nothing
  const until = closed ? end : Math.max(start, ...readings.map(r => instant(r.at)).filter(at => !Number.isNaN(at)))
  const peak = readings.reduce((p, r) => worse(p, r.nrs), attack.peak_nrs ?? null)
  const pain = atLeast(peak, 1)
  const absent = attack.pain_absent ?? null
  // A pain score above 0 outweighs the tick "no pain".
  const painless = absent === null ? pain === false : absent && pain !== true
  const aura = attack.aura ?? (absent && painless ? true : null)
  return { attack, readings, start, until, closed, peak, painless, aura }
}

function enter(s: Spell, zones: Zones, on: (day: number) => Facts | undefined) {
  const tz = s.attack.tz
  const first = zones.dayOf(s.start, tz)
  const last = zones.dayOf(s.until > s.start ? s.until - 1 : s.until, tz)
  for (let day = first; day <= last; day++) {
    const f = on(day)
    if (f) touch(f, s, zones.begins(day, tz), zones.begins(day + 1, tz))
  }
  const begun = on(first)
  const latest = on(last)
  if (begun) begun.auraFits = or(begun.auraFits, auraFits(s))
  if (latest && !s.closed && !s.painless) latest.unended = true
  if (begun && first === last && s.closed) begun.peak = worse(begun.peak, s.attack.peak_nrs)
  for (const r of s.readings) {
    const f = on(zones.dayOf(instant(r.at), tz))
    if (f) f.peak = worse(f.peak, r.nrs)
  }
}

/** Adds the part of an attack between the day's first instant and the next day's. */
function touch(f: Facts, s: Spell, start: number, end: number) {
  f.aura = or(f.aura, s.aura)
  if (s.painless) return
  f.touched = true
  f.features = or(f.features, and(criterionC(s), criterionD(s.attack)))
  const from = Math.max(s.start, start, f.counted)
  const until = Math.min(s.until, end)
  if (until <= from) return
  f.pain += until - from
  f.counted = until
}

/** ICHD-3 1.1 C: two of four. */
function criterionC({ attack, peak }: Spell): Flag {
  const signs = [attack.unilateral ?? null, attack.pulsating ?? null, atLeast(peak, 4), attack.worse_with_activity ?? null]
  const yes = signs.filter(s => s === true).length
  const open = signs.filter(s => s === null).length
  return yes >= 2 ? true : yes + open < 2 ? false : null
}

/** ICHD-3 1.1 D: nausea or vomiting, or light and sound together. */
const criterionD = (a: Attack): Flag =>
  or(or(a.nausea ?? null, a.vomiting ?? null), and(a.photophobia ?? null, a.phonophobia ?? null))

/** An aura of 5–60 min; an aura without pain lasts as long as its entry unless it says otherwise. */
function auraFits(s: Spell): Flag {
  const minutes = s.attack.aura_minutes || (s.painless && s.closed ? (s.until - s.start) / MINUTE : 0)
  return and(s.aura, minutes ? 5 <= minutes && minutes <= 60 : null)
}

/** Taken against a headache, and a drug: no preventive, no cold pack. */
export const isAcuteDrug = ({ indication, drug_class }: Pick<Dose, 'indication' | 'drug_class'>) =>
  indication !== 'preventive' && drug_class !== 'preventive' && !NO_DRUG.includes(drug_class ?? '')

function take(d: Dose, zones: Zones, on: (day: number) => Facts | undefined) {
  const f = isAcuteDrug(d) && on(zones.dayOf(instant(d.taken_at), d.tz))
  if (!f) return
  f.drug = true
  if (!SPECIFIC.includes(d.drug_class ?? '')) return
  f.specific = true
  f.worked = or(f.worked, d.worked ?? null)
}

function judge(f: Facts, day: string, profile: DayProfile): Day {
  const drug = f.drug || f.saidAcute === true
  const hurts = f.touched || f.answer
  const recorded = f.touched || f.answer !== null
  const headache = or(lasts(f, HEADACHE_LASTS), and(hurts, drug))
  const acute = drug || f.saidAcute // a dose says yes, no dose says nothing
  const painful = f.peak !== null && f.peak >= 1
  return {
    day,
    recorded,
    headache,
    migraine: migraine(f, headache, profile),
    acute,
    clear: !recorded ? null : painful ? false : and(and(not(hurts), not(f.aura)), not(acute)),
  }
}

/** Times decide where they are complete; otherwise the answer, which says "headache" and so 30 minutes, but not four hours. */
function lasts(f: Facts, least: number): Flag {
  if (f.pain >= least) return true
  if (f.touched && !f.unended) return false
  return f.answer && least > HEADACHE_LASTS ? null : f.answer
}

function migraine(f: Facts, headache: Flag, profile: DayProfile): Flag {
  const trial = profile === 'ihs_trial'
  const features = f.touched ? f.features : null // a check-in alone does not describe the pain
  const timed = and(lasts(f, trial ? TRIAL_LASTS : HEADACHE_LASTS), features)
  return or(or(timed, f.auraFits), and(headache, trial ? f.worked : f.specific))
}

/** In which zone the person was on which day: the check-in's, else the entry's own, else the patient's. */
class Zones {
  private readonly home: string
  private readonly days = new Map<number, string>()

  constructor({ zone, checkIns }: Pick<Entries, 'zone' | 'checkIns'>) {
    this.home = known(zone) ?? 'UTC'
    for (const c of checkIns) {
      const day = dayNumber(c.day)
      const [tz, before] = [known(c.tz), this.days.get(day)]
      if (tz && (!before || tz < before)) this.days.set(day, tz)
    }
  }

  at(day: number, entry: string | undefined) {
    return this.days.get(day) ?? known(entry) ?? this.home
  }

  /** A day lasts until the next one begins: flying west makes a long day, flying east a short one. */
  begins(day: number, entry: string | undefined) {
    return dayStart(day, this.at(day, entry))
  }

  dayOf(at: number, entry: string | undefined) {
    let day = dayIn(at, known(entry) ?? this.home)
    while (at < this.begins(day, entry)) day--
    while (at >= this.begins(day + 1, entry)) day++
    return day
  }
}

const dayNumber = (day: string) => Date.parse(`${day}T00:00:00Z`) / DAY
const dayText = (day: number) => new Date(day * DAY).toISOString().slice(0, 10)

// A zone this phone has never heard of counts as not said: an old phone must still show its days.
const walls = new Map<string, Intl.DateTimeFormat | undefined>()

function wall(zone: string) {
  if (!walls.has(zone)) walls.set(zone, newWall(zone))
  return walls.get(zone)
}

function newWall(timeZone: string) {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', year: 'numeric', month: 'numeric', day: 'numeric' })
  } catch {
    return undefined
  }
}

const known = (zone: string | undefined) => (zone && wall(zone) ? zone : undefined)

/** The calendar day on the wall in a known zone; NaN for an instant that is none. */
function dayIn(at: number, zone: string): number {
  const [month, day, year] = Number.isNaN(at) ? [] : wall(zone)!.format(at).split('/').map(Number)
  return Date.UTC(year ?? NaN, (month ?? NaN) - 1, day) / DAY
}

/** The day of an instant where somebody was; a zone that nobody said, or nobody knows, is the one at home. */
export const dayAt = (at: number, zone: string, home: string) => dayText(dayIn(at, known(zone) ?? known(home) ?? 'UTC'))

const starts = new Map<string, number>()

/** The first instant of a day, which is 01:00 where clocks jump over midnight. Found by halving: Intl only answers forwards. */
function dayStart(day: number, zone: string): number {
  const key = `${day} ${zone}`
  const cached = starts.get(key)
  if (cached !== undefined) return cached
  let [before, after] = [(day * DAY) / 1000 - 40 * 3600, (day * DAY) / 1000 + 40 * 3600]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (dayIn(middle * 1000, zone) >= day) after = middle
    else before = middle
  }
  starts.set(key, after * 1000)
  return after * 1000
}
