// What stands below the first answers: it comes right after the first paint, and the log button does not wait for it.
export { default as Below } from './Below.svelte'
export { default as Signs } from './Signs.svelte'
export { default as Stream } from './Stream.svelte'
