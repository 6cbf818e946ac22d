// What nobody opens in an attack: it comes when it is asked for, so that the first screen is there sooner.
export { default as Check } from './Check.svelte'
export { default as Door } from './Door.svelte'
export { default as Screen } from './Screen.svelte'
