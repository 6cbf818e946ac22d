// The way through a note by keyboard: stops in the order of the page. An answer goes on to the next by itself.

/** Focuses the next stop after an element, or the first of a place. */
export function goOn(from: Element | null, to?: string) {
  const stops = [...document.querySelectorAll<HTMLElement>('[data-stop]')].filter(stop => stop.offsetParent && !stop.hasAttribute('disabled'))
  const group = from?.closest('[data-group]')
  const next = stops.find(stop =>
    to ? stop.dataset.stop!.startsWith(to) : !from || (!!(from.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_FOLLOWING) && !group?.contains(stop)),
  )
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

/** The next stop of another section. */
export function leaveSection(from: Element) {
  const section = from.closest('section')
  const inside = section ? [...section.querySelectorAll('*')].at(-1)! : from
  goOn(inside)
}
