// Coming in and leaving, the lock, what this phone holds and who may see it: one chunk.
export { default as Export } from './Export.svelte'
export { default as Lock } from './Lock.svelte'
export { default as Readers } from './Readers.svelte'
export { default as Settings } from './Settings.svelte'
export { default as SignIn } from './SignIn.svelte'
