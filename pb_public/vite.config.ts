import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

const here = import.meta.dirname
const src = resolve(here, 'src')
const STATIC = ['manifest.webmanifest', 'icon.svg', 'icon-192.png', 'icon-512.png', 'icon-maskable.png']

/**
 * Emits app/sw.js: the source of the service worker with the list of files the patient app needs and a version made from
 * their content, so that a new build of the patient app, and only that, is an update.
 */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const needed = new Set<string>()
        const add = (file: string) => {
          const chunk = bundle[file]
          if (!chunk || needed.has(file)) return
          needed.add(file)
          if (chunk.type !== 'chunk') return
          for (const f of [...chunk.imports, ...chunk.dynamicImports, ...(chunk.viteMetadata?.importedCss ?? [])]) add(f)
        }
        for (const chunk of Object.values(bundle))
          if (chunk.type === 'chunk' && chunk.facadeModuleId === resolve(src, 'app/index.html')) add(chunk.fileName)
        const page = bundle['app/index.html']
        const hash = createHash('sha256').update(page?.type === 'asset' ? page.source : '').update([...needed].sort().join())
        for (const file of STATIC) hash.update(readFileSync(resolve(here, 'public/app', file)))
        const files = ['/app/', ...STATIC.map(f => `/app/${f}`), ...[...needed].sort().map(f => `/${f}`)]
        const source = readFileSync(resolve(src, 'app/sw.js'), 'utf8')
          .replace('__FILES__', JSON.stringify(files))
          .replace('__VERSION__', JSON.stringify(hash.digest('hex').slice(0, 12)))
        this.emitFile({ type: 'asset', fileName: 'app/sw.js', source })
      },
    },
  }
}

export default defineConfig({
  root: src,
  publicDir: resolve(here, 'public'),
  plugins: [svelte({ configFile: resolve(here, 'svelte.config.js') }), serviceWorker()],
  // the package's entry wraps an ES5 build; the modern one is smaller
  resolve: { alias: { dexie: resolve(here, 'node_modules/dexie/dist/modern/dexie.mjs') } },
  build: {
    outDir: resolve(here, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { home: resolve(src, 'index.html'), app: resolve(src, 'app/index.html'), therapist: resolve(src, 'therapist/index.html'), report: resolve(src, 'report/index.html') } },
  },
  test: { root: here, include: ['src/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0])
