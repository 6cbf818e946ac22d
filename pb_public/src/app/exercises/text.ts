// The words of the exercises and of their player.
import type { Dose, Reason } from '../../lib/program/program'
import type { ExerciseLog } from '../../lib/types'
import { spoken } from '../language'

export const english = {
  exercises: {
    title: 'Exercises',
    week: (n: number) => `Week ${n} of your plan`,
    /** Why some are left out today. */
    swapped: {
      ATTACK_DAY: 'A headache day. Only what is gentle is shown, and the day does not count against you.',
      POSTDROME_DAY: 'A day to recover after an attack. Only what is gentle is shown, and the day does not count against you.',
      RED_FLAG_OPEN: 'No exercises now. A sign you noted needs a check by a doctor first. Your exercises come back when your clinic has seen to it.',
    } as Partial<Record<Reason, string>>,
    leftOut: 'Left out today',
    check: 'What to do now',
    none: 'No exercises here yet. Your therapist sets them with you.',
    restDay: 'Rest. Nothing is asked of you today.',
    left: (left: number, all: number) => `${left} of ${all} to go today`,
    allDone: 'All done for today.',
    notAsked: 'Nothing more is asked of you today.',
    done: 'done today',
    why: {
      ADAPTED: 'Half the dose, after your illness.',
      RETURNING: 'Half the dose, for your first three times back.',
      PAUSED: 'Your plan is paused. Nothing is asked now.',
      DAY_OFF: 'Not today.',
      WEEK_DONE: 'Done for this week. More is up to you.',
      AS_NEEDED: 'Whenever you like.',
    } as Partial<Record<Reason, string>>,
    changed: (who: string, date: string) => `Changed by ${who}, ${date}`,
    last: (when: string) => `Last done ${when}`,
    never: 'Not done yet',
    dose({ sets, reps, holdSeconds: hold, minutes, load, perDay: day, perWeek: week }: Dose) {
      const what = minutes ? `${minutes} min` : (sets || 1) * (reps || 1) > 1 ? `${sets || 1} × ${reps || 1}` : ''
      return [what, hold ? `hold ${hold} s` : '', load ? `${load} kg` : '', (day ?? 0) > 1 ? `${day} times a day` : '', week === 7 ? 'each day' : week ? `${week} times a week` : ''].filter(Boolean).join(', ')
    },
    kept: (done: number, of: number) => `Last 28 days: ${done} of ${of} done.`,
    excused: (n: number, done: number, of: number) => `${n === 1 ? 'One' : n} fell on days of attack, illness or a pause. Without ${n === 1 ? 'it' : 'them'}: ${done} of ${of}.`,
    worse: 'After yesterday’s exercises: was it worse?',
    worseLead: 'By how many points of pain? 0 is not at all.',
    worseDone: 'Thank you, noted.',
  },

  player: {
    gone: 'This exercise is not in your program now.',
    start: 'Start',
    stopRule: 'Stop if it hurts more, or if you feel dizzy.',
    before: 'Pain before',
    after: 'Pain after',
    sound: (on: boolean) => `Sound: ${on ? 'on' : 'off'}`,
    buzz: (on: boolean) => `Vibration: ${on ? 'on' : 'off'}`,
    doneWithout: 'Done without the timer',
    whyNot: 'Not today?',
    reasons: {
      time: 'No time', pain: 'Too much pain', tired: 'Too tired', attack: 'An attack', illness: 'I am ill', forgot: 'I forgot', unsure_how: 'Not sure how', no_equipment: 'No equipment', other: 'Something else',
    } satisfies Record<Exclude<ExerciseLog['skipped'], ''>, string>,
    drawing: (name: string) => `Drawing: ${name}`,
    caution: (words: string) => `Take care: ${words}`,
    skippedDone: 'Noted. It is fine to leave one out.',
    skippedLead: 'Noted. Your therapist sees why, and can make it fit better.',
    kinds: { ready: 'Get ready', hold: 'Hold', move: 'Move', rest: 'Rest', go: 'Go on' },
    paused: 'Paused',
    clock: (s: number) => `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`,
    where: ({ rep, set }: { rep: number; set: number }, { reps, sets }: Dose) => `${rep} of ${reps || 1}, set ${set} of ${sets || 1}`,
    pause: 'Pause',
    goOn: 'Go on',
    skip: 'Skip',
    stop: 'Stop',
    logged: 'Done, noted.',
    unseen: 'The timer ran out a while ago. Did you do all of it?',
    didAll: 'Yes, all of it',
    didNot: 'No',
    stopped: 'Stopped. Nothing was noted.',
    effort: 'How hard was it?',
    efforts: { easy: 'Easy', ok: 'OK', hard: 'Hard' },
    rise: 'That is more than 2 points up. Leave it out tomorrow, and tell your therapist.',
    note: 'Note',
    saved: 'Saved.',
    back: 'To the list',
  },
}

export type Text = typeof english
export const text: Text = await spoken(english, () => import('./text.es'))
