// A day and an attack looked at again: one chunk.
export { default as AttackPage } from './AttackPage.svelte'
export { default as Day } from './Day.svelte'
