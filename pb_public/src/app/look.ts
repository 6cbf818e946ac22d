// How it looks on this phone, and for which hand: kept here, put on before the first paint.
const USUAL = { look: 'room', size: 'normal', hand: 'right' }
export type Way = keyof typeof USUAL

export const chosen = (way: Way) => localStorage.getItem(`interictal-${way}`) ?? USUAL[way]

export function choose(way: Way, option: string) {
  localStorage.setItem(`interictal-${way}`, option)
  applyLook()
}

export function applyLook() {
  for (const way in USUAL) document.documentElement.dataset[way] = chosen(way as Way)
  const ground = getComputedStyle(document.body).backgroundColor
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', ground)
}
