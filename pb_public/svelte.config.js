import { vitePreprocess } from '@sveltejs/vite-plugin-svelte'

// short names for scoped styles: they stand on every element
export default { preprocess: vitePreprocess(), compilerOptions: { cssHash: ({ hash, css }) => `s${hash(css).slice(0, 4)}` } }
