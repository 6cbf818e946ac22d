// The exercise that is running, kept by its times, so that it survives a reload; and what runs with it, where there is such a thing.
import { elapsed, type Run } from './exercises'

const RUN = 'interictal-run'
const SOUND = 'interictal-sound'

export const running = (exercise: string): Run | null => {
  const run: Run | null = JSON.parse(localStorage.getItem(RUN) ?? 'null')
  return run?.exercise === exercise ? run : null
}
export const keep = (run: Run | null) => (run ? localStorage.setItem(RUN, JSON.stringify(run)) : localStorage.removeItem(RUN))
export const begin = (exercise: string, now: number): Run => ({ exercise, started: now, paused: null, away: 0, skipped: 0 })
export { elapsed }

/** Off until somebody turns them on. */
export type Signals = { sound: boolean; buzz: boolean }
export const signals = (): Signals => JSON.parse(localStorage.getItem(SOUND) ?? '{"sound":false,"buzz":false}')
export const chooseSignals = (chosen: Signals) => localStorage.setItem(SOUND, JSON.stringify(chosen))

let audio: AudioContext | undefined

/** A soft, low tone at the change of a step. */
export function signal({ sound, buzz }: Signals) {
  if (buzz) navigator.vibrate?.(60)
  if (sound) tone(0.25, 330, 330, 0)
}

let breathing: OscillatorNode | undefined
/** A breath to follow with the eyes shut: it swells and rises on the way in, sinks on the way out, and is gone at the end. */
export const breath = (seconds: number, inward: boolean) => void (breathing = inward ? tone(seconds, 110, 165, seconds * 0.8) : tone(seconds, 165, 110, seconds * 0.2))
export const holdBreath = () => breathing?.stop()

/** Made here, of one soft wave: no file to fetch, nothing sudden in it. */
function tone(seconds: number, from: number, to: number, swell: number) {
  audio ??= new AudioContext()
  const [wave, volume, now] = [audio.createOscillator(), audio.createGain(), audio.currentTime]
  wave.frequency.setValueAtTime(from, now)
  wave.frequency.linearRampToValueAtTime(to, now + seconds)
  volume.gain.setValueAtTime(swell ? 0.001 : 0.06, now)
  if (swell) volume.gain.exponentialRampToValueAtTime(0.06, now + swell)
  volume.gain.exponentialRampToValueAtTime(0.001, now + seconds)
  wave.connect(volume).connect(audio.destination)
  wave.start(now)
  wave.stop(now + seconds)
  return wave
}

/** The screen stays on while it runs; the phone lets go of it when the page is hidden. */
export function awake() {
  let lock: WakeLockSentinel | undefined
  const take = () => document.hidden || navigator.wakeLock?.request('screen').then(held => (lock = held), () => {})
  take()
  document.addEventListener('visibilitychange', take)
  return () => {
    document.removeEventListener('visibilitychange', take)
    lock?.release().catch(() => {})
  }
}
