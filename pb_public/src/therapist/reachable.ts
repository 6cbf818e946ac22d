/** What is wider than its place scrolls: then, and only then, the keyboard stops at it. */
export function reachable(node: HTMLElement) {
  const look = () => (node.scrollWidth > node.clientWidth ? (node.tabIndex = 0) : node.removeAttribute('tabindex'))
  const watch = new ResizeObserver(look)
  for (const box of [node, ...node.children]) watch.observe(box)
  return () => watch.disconnect()
}
