import { mount } from 'svelte'
import '../therapist/therapist.css'
import './admin.css'
import App from './App.svelte'

mount(App, { target: document.body })
