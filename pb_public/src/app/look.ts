const LOOK = 'interictal-look'

export const LOOKS = ['room', 'day', 'system'] as const
export type Look = (typeof LOOKS)[number]

export const look = (): Look => LOOKS.find(l => l === localStorage.getItem(LOOK)) ?? 'room'

export function chooseLook(look: Look) {
  localStorage.setItem(LOOK, look)
  applyLook()
}

export function applyLook() {
  document.documentElement.dataset.look = look()
  const ground = getComputedStyle(document.body).backgroundColor
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', ground)
}
