// Serves the patient app from a cache that is filled once per build. Data never passes through here: it lives in
// IndexedDB, and requests to /api go straight to the network.
const FILES = __FILES__
const CACHE = `app-${__VERSION__}`

addEventListener('install', e => e.waitUntil(caches.open(CACHE).then(c => c.addAll(FILES.map(f => new Request(f, { cache: 'reload' }))))))

addEventListener('activate', e =>
  e.waitUntil(
    caches
      .keys()
      .then(keys => Promise.all(keys.filter(k => k.startsWith('app-') && k !== CACHE).map(k => caches.delete(k))))
      .then(() => clients.claim()),
  ),
)

addEventListener('fetch', e => {
  const { pathname, origin } = new URL(e.request.url)
  if (e.request.method !== 'GET' || origin !== location.origin || pathname.startsWith('/api/')) return
  const key = e.request.mode === 'navigate' ? '/app/' : pathname
  e.respondWith(caches.match(key, { cacheName: CACHE }).then(hit => hit ?? fetch(e.request)))
})

addEventListener('message', e => e.data === 'update' && skipWaiting())
