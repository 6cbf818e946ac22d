// Questionnaires, goals in one's own words, and the checklist of readiness: one chunk.
export { default as Form } from './Form.svelte'
export { default as Forms } from './Forms.svelte'
export { default as Goals } from './Goals.svelte'
export { default as Ready } from './Ready.svelte'
