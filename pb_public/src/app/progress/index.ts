// How the months go: the charts, what migraine takes, and the neck beside the headache: one chunk.
export { default as Impact } from './Impact.svelte'
export { default as Neck } from './Neck.svelte'
export { default as Progress } from './Progress.svelte'
