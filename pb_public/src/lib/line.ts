// One line to the server for all tabs: over HTTP/1.1 a browser gives a server six connections in all.
export type Poke = { action: string; record?: { id: string; collectionName: string; patient: string } }
type News = { poke: Poke | null } | { live: boolean } | 'hello'

/** Connects to the server's news, and gives back how to hang up. */
export type Connect = (topic: string, onPoke: (poke: Poke | null) => void, onLive: (live: boolean) => void) => Promise<() => void>

/**
 * Hears whenever something may have changed on the server, also after every reconnect: what falls into a gap is never
 * sent again, so a poke means "ask what is new", not "this is what is new". One tab listens for all.
 */
export function share(connect: Connect, topic: string, who: string, onPoke: (poke: Poke | null) => void, onLive: (live: boolean) => void = () => {}) {
  const name = `${topic} ${who}`
  const tabs = new BroadcastChannel(name)
  const end = new AbortController()
  const ended = new Promise(done => end.signal.addEventListener('abort', done))
  let listening = false
  let live = false

  function hear(news: News) {
    if (news === 'hello') return void (listening && tabs.postMessage({ live } satisfies News))
    if ('live' in news) onLive(news.live)
    else onPoke(news.poke)
  }
  const tell = (news: Exclude<News, 'hello'>) => end.signal.aborted || (hear(news), tabs.postMessage(news))
  const tellLive = (now: boolean) => tell({ live: (live = now) })

  async function hold(): Promise<void> {
    listening = true
    try {
      const hangUp = await connect(topic, poke => tell({ poke }), tellLive)
      await ended
      hangUp()
    } catch {
      tellLive(false)
      await Promise.race([ended, new Promise(wait => setTimeout(wait, 3_000))])
      if (!end.signal.aborted) return hold()
    }
  }

  tabs.onmessage = event => hear(event.data)
  tabs.postMessage('hello' satisfies News)
  if (navigator.locks) navigator.locks.request(`listen ${name}`, { signal: end.signal }, hold).catch(() => {})
  else hold()
  return () => (end.abort(), tabs.close())
}
