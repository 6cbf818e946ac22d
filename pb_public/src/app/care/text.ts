// The words of the plan, of what has changed, and of the card for an attack.
import { spoken } from '../language'

export const english = {
  plan: {
    none: 'No plan here yet. Your therapist makes it with you.',
    week: (n: number) => `Week ${n}`,
    notBegun: 'Not begun yet',
    states: {
      active: 'Your plan is running.', paused: 'Your plan is paused.', extended: 'Your plan goes on longer than first agreed.',
      completed: 'Your plan is complete.', transitioned: 'You have moved on to the wellness program.', discharged: 'Your plan has ended.',
    },
    since: (when: string) => `Since ${when}.`,
    visits: (done: number, of: number) => `${done} of ${of} visits done`,
    frame: 'Most plans take 4 to 6 weeks and 6 to 10 visits.',
    until: (when: string) => `Yours is planned to ${when}.`,
    review: 'At about visit 6 you both look at what has changed, and plan what comes next.',
    adapted: (when: string) => `Half the dose of each exercise until ${when}.`,
    goals: 'What I want',
    quote: (words: string) => `“${words}”`,
    numbers: (what: string, from: number, to: number, now: number | null) => `${what}: from ${from} to ${to}.${now === null ? '' : ` Last: ${now}.`}`,
    reached: { there: 'You are there.', closer: 'Closer than at the start.', same: 'As at the start.', further: 'Further away than at the start.' },
    metrics: { MHD28: 'Migraine days in 4 weeks', HIT6: 'Headache impact', MIDAS: 'Days lost', MSQ_RR: 'Quality of life', NDI: 'Neck score', NRS: 'Pain', NECK_NRS: 'Neck pain' } as Record<string, string>,
    domains: {
      frequency: 'Fewer headache days', intensity: 'Less pain', disability: 'Do more', quality_of_life: 'Live better', medication: 'Fewer drug days',
      neck_function: 'Move my neck', activity: 'Be active', sleep: 'Sleep', self_management: 'Handle it myself',
    } as Record<string, string>,
    coming: 'Next visits',
    noVisit: 'No visit is set.',
    modes: { in_person: 'at the clinic', video: 'by video', phone: 'by phone' },
    calendar: 'Add to calendar',
    calendarTitle: 'Visit',
    items: 'What is in it, and what for',
    categories: {
      exercise_generalized: 'Exercise for the whole body', exercise_condition_specific: 'Exercise for head and neck', manual: 'Hands-on care', modality_cold: 'Cold',
      modality_electrical: 'A device', relaxation: 'Calming down', education: 'Knowing more', lifestyle: 'Daily life',
    } as Record<string, string>,
    worksOn: (what: string[]) => `Works on ${what.join(', ')}.`,
    mechanisms: {
      peripheral_sensitization: 'sore nerves in the neck', central_sensitization: 'a nervous system on alert', mobility: 'how far you can move', strength: 'strength',
      endurance: 'staying power', tension: 'tight muscles', arousal: 'calm', lifestyle: 'daily habits',
    } as Record<string, string>,
    serves: (goals: string[]) => `For: ${goals.join('; ')}.`,
    after: 'After visit 10',
    wellnessDue: 'You have had ten visits. Your therapist will now talk with you about what comes next.',
    afterLines: [
      'After ten visits the plan ends in one of three ways.',
      'You go on with a wellness program: your exercises step up, and daily life comes in.',
      'Or you are done, and go on by yourself.',
      'Or there are more visits, if there is a health reason for it.',
      'At 3, 6 and 12 months your clinic asks how you are.',
    ],
  },

  handover: {
    title: 'What I take home',
    none: 'This comes when your plan is over.',
    visits: (n: number, from: string, until: string) => `You came to ${n === 1 ? '1 visit' : `${n} visits`}, from ${from}${until ? ` to ${until}` : ''}.`,
    goals: 'What became of my goals',
    outcomes: { met: 'You got there.', partly_met: 'Part of the way.', not_met: 'Not yet.', not_assessed: 'Not measured at the end.' } as Record<string, string>,
    open: 'Nobody has said yet.',
    helped: 'What helped',
    onward: 'How I go on',
    stays: 'What stays in my plan',
    warning: 'Warning signs',
    call: 'Whom to call',
    team: 'My team',
    followUps: (days: string[]) => `Your clinic asks how you are on ${days.join(', ')}.`,
    at: (when: string) => `As your clinic had it on ${when}.`,
    offline: 'This is with your clinic. It can be shown when you are online.',
  },

  changed: {
    safety: 'First: is any of these new?',
    signs: [
      'A sudden pain, the worst ever.', 'A weak or numb arm, leg or face. Speech or sight that is off.', 'Fever with a stiff neck.', 'A hurt head or neck.',
      'A new kind of headache in or after pregnancy, or with cancer.',
    ],
    none: 'None of these',
    some: 'Yes, or not sure',
    what: 'What has changed?',
    reasons: {
      illness: 'I am ill', stress_increase: 'More stress', work_change: 'A change at work', home_change: 'A change at home', new_health_issue: 'A new health issue', pregnancy: 'I am pregnant',
    },
    other: 'Something else',
    done: (what: string) => `${what}: noted.`,
    sent: 'Your therapist gets this when you are online. Your plan may change: a pause, a smaller dose, or more time.',
    ill: 'Rest as long as you need. Take it up again with half the dose.',
    kept: 'This stays noted, so that your therapist asks about your safety before hands-on care goes on.',
    since: 'Since when?',
    days: (n: number) => (n === 0 ? 'Today' : n === 1 ? 'Yesterday' : n === 7 ? 'A week ago' : `${n} days ago`),
    note: 'Anything else? You may leave it out.',
    saved: 'Saved.',
    before: 'Noted before',
  },

  card: {
    none: 'No card here yet. Write down what helps you, and ask the one who prescribes to agree to it.',
    agreed: (who: string, when: string) => `Agreed with ${who} on ${when}.`,
    draft: 'My wish',
    notAgreed: 'Not agreed yet. Show it to the one who prescribes.',
    write: 'Write or change it',
    steps: 'One step a line',
    save: 'Save',
    saved: 'Saved. It is a wish until it is agreed.',
  },
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))
