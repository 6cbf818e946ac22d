/**
 * Of questions asked one after the other only the last one's answer counts, however late an earlier one comes:
 * `const last = turn(); const answer = await …; if (last()) show(answer)`.
 */
export function turns() {
  let asked = 0
  return () => {
    const mine = ++asked
    return () => mine === asked
  }
}
