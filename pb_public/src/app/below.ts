// What comes right after the first paint: the log button does not wait for it, and it does not wait for a tap.
export { default as AttackOpen } from './AttackOpen.svelte'
export { default as Below } from './Below.svelte'
