// The exercises of today and their player: one chunk.
export { default as Exercises } from './Exercises.svelte'
export { default as Player } from './Player.svelte'
