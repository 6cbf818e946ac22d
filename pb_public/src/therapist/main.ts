import { mount } from 'svelte'
import './therapist.css'
import App from './App.svelte'

mount(App, { target: document.body })
