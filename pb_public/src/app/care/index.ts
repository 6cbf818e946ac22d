// The plan, what has changed, and the card for an attack: one chunk.
export { default as Card } from './Card.svelte'
export { default as Changed } from './Changed.svelte'
export { default as HandOver } from './HandOver.svelte'
export { default as Plan } from './Plan.svelte'
