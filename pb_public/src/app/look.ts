// How it looks on this phone, and for which hand: kept here, put on before the first paint.
const CHOICES = { look: ['room', 'day', 'system'], size: ['normal', 'large', 'largest'], hand: ['right', 'left'] } as const
type Choices = typeof CHOICES
export type Way = keyof Choices
export type Look = Choices['look'][number]

export const LOOKS = CHOICES.look
export const optionsOf = <W extends Way>(way: W): readonly Choices[W][number][] => CHOICES[way]
export const chosen = <W extends Way>(way: W) => (optionsOf(way).find(o => o === localStorage.getItem(`interictal-${way}`)) ?? CHOICES[way][0]) as Choices[W][number]

export function choose<W extends Way>(way: W, option: Choices[W][number]) {
  localStorage.setItem(`interictal-${way}`, option)
  applyLook()
}

export function applyLook() {
  for (const way of Object.keys(CHOICES) as Way[]) document.documentElement.dataset[way] = chosen(way)
  const ground = getComputedStyle(document.body).backgroundColor
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', ground)
}
