// A questionnaire on the phone: begun, put down, resumed, finished. Each function is what `store.write` takes, so every answer is
// on the disk when the next question shows.
import { madeOf } from '../made'
import type { Reader } from '../tables'
import { offset, stamp } from '../time'
import type { Entry, InstrumentResponse } from '../types'
import { check, type Fault, type Response } from './score'
import { find, type Occasion } from './table'

type Write = (read: Reader) => Promise<Entry[]>

/** A draft of this questionnaire on this occasion, to go on with. */
export const draftOf = (rows: readonly InstrumentResponse[], instrument: string, occasion: Occasion) =>
  rows.find(r => r.instrument === instrument && r.occasion === occasion && !r.answered_at)

/** What a questionnaire is filled in for: `of` is what the occasion belongs to, the plan and the months after it, or the day. */
export type Cause = { instrument: string; occasion: Occasion; of: string }

/** Begins one and names it; the name is also that of the draft if there is one. Two phones that begin it for one cause make one row. */
export async function begin(rows: readonly InstrumentResponse[], patient: string, { instrument, occasion, of }: Cause): Promise<{ id: string; write: Write }> {
  const id = draftOf(rows, instrument, occasion)?.id ?? (await madeOf(patient, instrument, occasion, of))
  const version = find(instrument)?.version ?? ''
  const row = { id, patient, instrument, version, occasion, answers: {}, words: null, totals: null, note: '', answered_at: '', ...entered() }
  return {
    id,
    write: async read => {
      const known = await read.instrument_responses.get(id)
      return known && !known._deleted ? [] : [{ collection: 'instrument_responses', row: { ...row, _deleted: false } }]
    },
  }
}

/** One answer; null takes it back. It stands in the place of a total. */
export const answer = (id: string, item: string, n: number | null): Write =>
  put(id, row => ({ answers: { ...row.answers, [item]: n }, totals: null }))

/** The total of a paper form, in the place of answers. */
export const total = (id: string, scale: string, n: number | null): Write =>
  put(id, row => ({ totals: { ...row.totals, [scale]: n }, answers: {} }))

/** The patient's own words for an item. */
export const say = (id: string, item: string, words: string): Write =>
  put(id, row => ({ words: { ...row.words, [item]: words } }))

/** Hands it in, if nothing is wrong with it; `wrong` says what is. */
export const finish = (id: string, wrong: (faults: Fault[]) => void = () => {}): Write =>
  put(id, row => {
    const faults = check({ ...responseOf(row), finished: true })
    wrong(faults)
    return faults.length ? null : { answered_at: stamp() }
  })

/** A row as the scoring reads it. */
export const responseOf = (row: InstrumentResponse, on = ''): Response => ({
  id: row.id, instrument: row.instrument, version: row.version, occasion: row.occasion, on, finished: !!row.answered_at,
  answers: row.answers, totals: row.totals, words: row.words,
})

const entered = () => ({ entered_at: stamp(), entered_offset: offset(), source: 'phone' as const })

const put = (id: string, change: (row: InstrumentResponse) => Partial<InstrumentResponse> | null): Write => async read => {
  const row = await read.instrument_responses.get(id)
  const next = row && change(row)
  return next ? [{ collection: 'instrument_responses', row: { id, ...next } }] : []
}
