import { mount } from 'svelte'
import '../lib/base.css'
import '../therapist/therapist.css'
import './admin.css'
import App from './App.svelte'

mount(App, { target: document.body })
