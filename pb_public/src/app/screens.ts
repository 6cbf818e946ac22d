// What nobody opens in an attack: it comes when it is asked for, so that the first screen is there sooner.
export { default as More } from './More.svelte'
export { default as Needs } from './Needs.svelte'
export { default as SignIn } from './SignIn.svelte'
