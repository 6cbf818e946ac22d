import { mount } from 'svelte'
import '../lib/base.css'
import './report.css'
import App from './App.svelte'

mount(App, { target: document.body })
