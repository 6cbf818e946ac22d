import { mount } from 'svelte'
import '../lib/base.css'
import './app.css'
import App from './App.svelte'
import { applyLook } from './look'

applyLook()
mount(App, { target: document.body })

// A new version takes over while nobody is looking, never under a finger.
if (import.meta.env.PROD && navigator.serviceWorker) {
  navigator.serviceWorker.register('/app/sw.js').then(registration =>
    document.addEventListener('visibilitychange', () =>
      document.hidden ? registration.waiting?.postMessage('update') : registration.update().catch(() => {}),
    ),
  )
  navigator.serviceWorker.addEventListener('controllerchange', () => document.hidden && location.reload())
}
