// The server's table of questionnaires (hooks/outcomes/instruments.go), as its test writes it.
import table from './table.json'

export type Reckon = 'sum' | 'mean' | 'stretch' | 'entered'
export type Occasion = 'start' | 'review' | 'end' | 'followup' | 'other'
export type Choice = { code: string; score: number; text?: string }
export type Item = { id: string; min: number; max: number; values?: number[]; choices?: Choice[]; beside?: boolean; optional?: boolean; text?: string }
export type Band = { from: number; name: string }
export type Worth = { size: number; percent?: boolean; noise?: boolean; from?: number; to?: number; source: string }
export type Scale = {
  id: string
  metric: string
  items?: string[]
  reckon: Reckon
  mirror?: number
  missing?: number
  least?: number
  min: number
  max: number
  whole: boolean
  percent?: number
  highGood: boolean
  rated?: boolean
  bands: Band[]
  source: string
  worth: Worth[] | null
}
export type Instrument = {
  id: string
  name: string
  version: string
  about: string
  recall: string
  rights: 'ships' | 'numbers' | 'totals'
  notice: string
  asks?: string
  items: Item[]
  scales: Scale[]
  words: boolean
}
export type Calendar = { ask: Record<string, string[]>; startIn: number; reviewIn: number; endIn: number; early: number; late: number; months: number[] }

export const INSTRUMENTS = table.instruments as readonly Instrument[]
export const CALENDAR: Calendar = table.calendar

/** An instrument by its id and version; without a version the one in use. */
export const find = (id: string, version?: string): Instrument | undefined =>
  INSTRUMENTS.find(i => i.id === id && (!version || i.version === version))
