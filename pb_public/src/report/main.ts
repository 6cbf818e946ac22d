import { mount } from 'svelte'
import './report.css'
import App from './App.svelte'

mount(App, { target: document.body })
