// The words of how the months go. Numbers before and after are told, never what made them.
import { spoken } from '../language'

export const english = {
  title: 'My progress',
  sentence: (from: string, to: string, now: number, before: number) => `${from} to ${to}: ${now} headache days. In the 4 weeks before your plan: ${before}.`,
  change: {
    fewer: 'Fewer, by more than the usual ups and downs.',
    more: 'More, by more than the usual ups and downs.',
    unsure: 'That can be the usual ups and downs: too early to tell.',
  },
  tooFew: 'Too few days were noted to set these weeks beside the ones before.',
  none: 'Your numbers come when you have had your plan for 4 weeks.',
  names: {
    mhd28: 'Headache days', modSevere28: 'Days with medium or strong pain', attacks28: 'Attacks', acuteDays28: 'Days with medicine', interictalNeckDays28: 'Days with neck pain, no headache',
  },
  numbers: 'Before and now, in numbers',
  before: 'Before',
  now: 'Now',
  number: (n: number, days: number) => `${n} in 4 weeks, from ${days} noted days`,
  missing: 'too few days noted',
  /** T-BEFORE-AFTER, word for word (spec/clinical.md §4.8). */
  caption: 'People often start treatment in a bad month, and headaches then ease by themselves for some. This shows what happened, not what caused it.',
  at: (when: string) => `As your clinic had it on ${when}.`,
  asking: 'Asking your clinic…',
  offline: 'Your clinic works this out. It can be asked when you are online.',
  again: 'Try again',

  charts: {
    headache: 'Headache days each week',
    acute: 'Days with medicine each week',
    neck: 'Neck pain on days with no headache, each week',
    exercise: 'Days with exercise each week',
  },
  noted: (enough: number, of: number) => enough === of ? `Each of these ${of} weeks has 5 noted days or more.` : `${enough} of ${of} weeks have 5 noted days or more. The others have no dot.`,
  logged: (weeks: number) => (weeks === 1 ? '1 week. Days you logged an exercise. A day with no log is not held against you.' : `${weeks} weeks. Days you logged an exercise. A day with no log is not held against you.`),
  band: (low: string, high: string, line: string) => `Shaded: the 4 weeks before your plan, ${low} to ${high} days, half of these weeks ${line} or less.`,
  noBand: 'Too few days were noted before your plan to draw where you began.',
  goal: (n: string) => `Dashed: your goal, ${n} days in 4 weeks.`,
  empty: 'Nothing to draw yet. Dots come with your diary.',
  table: 'As a table',
  week: 'Week from',
  days: 'Days',
  of: 'Noted',
  tableNote: 'Days as noted. Dots are put on 7 days where some are missing.',
  fewDays: 'too few',
  spoken: (when: string, days: number, noted: number) => `week of ${when}: ${days} of ${noted} noted days`,
  spokenNone: (when: string) => `week of ${when}: too few noted`,

  control: {
    title: 'How well it is held',
    lead: 'Days with medium or strong pain in 4 weeks.',
    levels: { none: 'None at all', fine: 'Well held', fair: 'Partly held', low: 'Not held yet' },
    said: (n: number, days: number) => `${n} days, from ${days} noted`,
    what: 'Well held: fewer than 4. Partly: 4 to 6. Not yet: more than 6.',
    none: 'This comes with the first 4 weeks that are noted.',
  },

  more: 'More to look at',
  impact: {
    quote: (words: string) => `“${words}”`,
    title: 'What it takes from my life',
    lead: 'From your forms and your own words. What was not asked is left open.',
    parts: { work: 'Work or school', home: 'Home', social: 'Friends and family', selfCare: 'Caring for myself' },
    lines: { missed: 'Days missed', half_done: 'Days with less than half done', personal_care: 'Washing and dressing: how hard' } as Record<string, string>,
    units: { 'days in 3 months': (n: number) => (n === 1 ? '1 day in 3 months' : `${n} days in 3 months`), '0 to 5': (n: number) => `${n}, where 0 is easy and 5 is not possible` } as Record<string, (n: number) => string>,
    why: { NOT_ASKED: 'not asked yet', NOT_SAID: 'you left this open', TOTAL_ONLY: 'only the total of the form is known' } as Record<string, string>,
    on: (when: string) => `on ${when}`,
    things: 'Things that are hard for me',
    noThings: 'You have named none yet.',
    toGoals: 'What I want to do',
    statement: 'In my words, on my plan',
    toForms: 'Question forms',
    since: (first: number, now: number) => (first === now ? `${now} of 10` : `${first} of 10 at first, ${now} now`),
  },
  neck: {
    title: 'Neck and headache',
    lead: 'Set side by side, 4 weeks at a time.',
    /** Word for word (spec/clinical.md S-18). */
    caption: 'Moves together is not proof.',
    headache: 'Headache days',
    pain: 'Neck pain, no headache',
    from: '4 weeks from',
    ndi: 'What my neck lets me do',
    ndiLead: 'Neck form (NDI), 0 to 50. Fewer is better.',
    turn: 'How far my upper neck turns',
    turnLead: 'Measured in the clinic, in degrees. More is better.',
    left: 'left',
    right: 'right',
    nrs: 'Neck pain, asked in the clinic',
    nrsLead: '0 to 10.',
    noTests: 'Nothing was measured yet.',
    none: 'The first 4 weeks are not over yet.',
    degrees: (n: number) => `${n}°`,
  },
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))
