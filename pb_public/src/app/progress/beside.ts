// The neck's numbers beside the headache's, as the clinic's system last told them.
import type { Num } from '../../lib/types'
import type { Answer } from './told'

/** The part of `GET /api/patients/{id}/outcomes` that is shown. */
export type Outcomes = {
  instruments: { id: string; points: { on: string; scores: { scale: string; value: Num }[] }[] }[]
  examination: { tests: { type: string; side: string; points: { on: string; value: Num }[] }[] }
}
type Rate = { value: Num; days: number }
type Test = { name: 'ndi' | 'turn' | 'nrs'; side: '' | 'left' | 'right'; points: { on: string; value: number }[] }
export type Beside = { user: string; at: number; windows: { from: string; headache: Rate | null; neck: Rate | null }[]; tests: Test[] }

export function besideOf({ windows }: Answer, { instruments, examination }: Outcomes): Pick<Beside, 'windows' | 'tests'> {
  const ndi = instruments.find(i => i.id === 'ndi')?.points.map(p => ({ on: p.on, value: p.scores.find(s => s.scale === 'total')?.value ?? null })) ?? []
  const measured = (type: string, name: Test['name']) =>
    examination.tests.filter(t => t.type === type).map((t): Test => ({ name, side: t.side === 'left' || t.side === 'right' ? t.side : '', points: known(t.points) }))
  const tests: Test[] = [{ name: 'ndi', side: '', points: known(ndi) }, ...measured('flexion_rotation', 'turn'), ...measured('neck_nrs', 'nrs')]
  return {
    windows: windows.map(w => ({ from: w.from, headache: rate(w.mhd28), neck: rate(w.interictalNeckDays28) })),
    tests: tests.filter(t => t.points.length),
  }
}

/** What has no number is left out; of one day the last holds. */
const known = (points: { on: string; value: Num }[]) => [...new Map(points.flatMap(p => (p.value === null || !p.on ? [] : [[p.on, { on: p.on, value: p.value }]] as const))).values()]
const rate = (r: Rate | null | undefined): Rate | null => (r ? { value: r.value, days: r.days } : null)

const KEPT = 'interictal-neck'
export const keepBeside = (beside: Beside) => localStorage.setItem(KEPT, JSON.stringify(beside))
export function keptBeside(user: string): Beside | null {
  const last: Beside | null = JSON.parse(localStorage.getItem(KEPT) ?? 'null')
  return last?.user === user ? last : null
}
