// The phone's own voice, where it has one that needs no network. Off until somebody turns it on.
const VOICE = 'interictal-voice'

const ours = () => globalThis.speechSynthesis?.getVoices().find(v => v.localService && v.lang.startsWith(document.documentElement.lang || 'en'))

/** Some browsers have their voices only after a while. */
export const hasVoice = () =>
  new Promise<boolean>(done => {
    if (!globalThis.speechSynthesis || ours()) return done(!!ours())
    speechSynthesis.addEventListener('voiceschanged', () => done(!!ours()), { once: true })
    setTimeout(() => done(!!ours()), 1_000)
  })

export const voiceOn = () => localStorage.getItem(VOICE) === 'on'
export const chooseVoice = (on: boolean) => (on ? localStorage.setItem(VOICE, 'on') : (localStorage.removeItem(VOICE), hush()))

export function speak(words: string) {
  const voice = ours()
  if (!voice) return
  const said = Object.assign(new SpeechSynthesisUtterance(words), { voice, rate: 0.8, pitch: 0.9, volume: 0.5 })
  hush()
  speechSynthesis.speak(said)
}
export const hush = () => globalThis.speechSynthesis?.cancel()
