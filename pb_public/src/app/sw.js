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

// A reminder says nothing of what it is about: it is empty, and one fixed sentence is shown, in the language that the app was last in.
const WORDS = { title: 'Interictal', body: 'You asked for a reminder.' }

addEventListener('push', e =>
  e.waitUntil(
    caches
      .match('/app/reminder', { cacheName: 'interictal-words' })
      .then(kept => kept?.json())
      .catch(() => {})
      .then((words = WORDS) => registration.showNotification(words.title, { body: words.body, tag: 'reminder', icon: '/app/icon-192.png', silent: true })),
  ),
)

addEventListener('notificationclick', e => {
  e.notification.close()
  const open = clients.matchAll({ type: 'window' }).then(all => all.find(c => new URL(c.url).pathname.startsWith('/app/')))
  e.waitUntil(open.then(at => at?.focus() ?? clients.openWindow('/app/')))
})

addEventListener('message', e => e.data === 'update' && skipWaiting())
