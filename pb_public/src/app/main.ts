import { mount } from 'svelte'
import { user } from '../lib/api'
import './app.css'
import App from './App.svelte'
import { language } from './language'
import { applyLook } from './look'
import { eraseLeft, openSession, placeFor } from './session.svelte'

document.documentElement.lang = language
applyLook()
// neither a tab that still holds what is to be erased nor a browser that fails at it may keep the app shut: the next start tries again
await Promise.race([eraseLeft().catch(() => {}), new Promise(done => setTimeout(done, 3_000))])
const known = user()
mount(App, { target: document.body, props: { first: known?.patient ? openSession(known, await placeFor(known)) : undefined } })

// A new version takes over while nobody is looking, never under a finger.
if (import.meta.env.PROD && navigator.serviceWorker) {
  navigator.serviceWorker.register('/app/sw.js').then(registration =>
    document.addEventListener('visibilitychange', () =>
      document.hidden ? registration.waiting?.postMessage('update') : registration.update().catch(() => {}),
    ),
  )
  navigator.serviceWorker.addEventListener('controllerchange', () => document.hidden && location.reload())
}
