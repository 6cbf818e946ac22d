import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'
import { mark } from './src/app/mark.ts'

const here = import.meta.dirname
const src = resolve(here, 'src')
const STATIC = [
  ...['manifest.webmanifest', 'icon.svg', 'icon-192.png', 'icon-512.png', 'icon-maskable.png'].map(f => `app/${f}`),
  ...readdirSync(resolve(here, 'public/exercises')).sort().map(f => `exercises/${f}`), // the line drawings, 5 kB in all
]

// What every page needs, and the patient app in two pieces, so that like compresses with like: what the log button needs, and the
// rest. Nothing of these two is the clinic's pages' too, or they would load the phone's database.
const SHARED = /node_modules\/(svelte\/(?!.*\/bindings\/)|esm-env|clsx)|src\/lib\/(time|types|id)\.ts|src\/lib\/base\.css|vite\/|^\0/ // bindings: for fields to type in, of which the first screen has none
const FIRST = /dexie|src\/lib\/(store|tables|outbox|merge|place|api|decisions|live\.svelte)\.ts|src\/app\/(main|App|Today|diary|session\.svelte|kept|status|look|locked|language|text)\.(ts|svelte)/
// Each folder below app/ is an area (areas.ts) and becomes a chunk of its own.
const LATER = /src\/app\/(?!main|app\.css|index|.*\.css|[a-z]+\/)|src\/lib\/(exchange|compare|sync|remote|settle|discard|diary\/days)\.ts/
// What only areas and the clinic's pages count with.
const AREAS = /src\/lib\/(outcomes\/|made|reminders|safety\/devices|diary\/neighbours)/
// What the phone's later piece and the clinic's pages both have.
const BOTH = /src\/lib\/(line|turns)\.ts/
// The red-flag table, which an open attack, a check and the visit's note ask: apart, as it is its own kind of text, and the phone's screens of it apart again.
const FLAGS = /redflags|src\/lib\/safety\/(?!devices)/
const SIGNS = /src\/app\/(Still|SelfCheck|text\.safety)/

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
        const page = bundle['app/index.html']
        const source = page?.type === 'asset' ? String(page.source) : ''
        for (const [, file] of source.matchAll(/\/(assets\/[^"]+)/g)) add(file!)
        const held = [...needed].join()
        for (const area of readdirSync(resolve(src, 'app'), { withFileTypes: true }))
          if (area.isDirectory() && !held.includes(`area-${area.name}-`)) this.error(`the phone would not hold ${area.name} offline`)
        for (const chunk of Object.values(bundle))
          if (chunk.type === 'chunk' && chunk.moduleIds.some(id => /src\/(therapist|admin|report|carer)\//.test(id)) && [...reached(bundle, chunk.fileName)].some(f => /\/(first|later)-/.test(f))) this.error(`${chunk.name} loads the phone's database`)
        const hash = createHash('sha256').update(source).update([...needed].sort().join())
        for (const file of STATIC) hash.update(readFileSync(resolve(here, 'public', file)))
        const files = ['/app/', ...STATIC.map(f => `/${f}`), ...[...needed].sort().map(f => `/${f}`)]
        const worker = readFileSync(resolve(src, 'app/sw.js'), 'utf8')
          .replace('__FILES__', JSON.stringify(files))
          .replace('__VERSION__', JSON.stringify(hash.digest('hex').slice(0, 12)))
        this.emitFile({ type: 'asset', fileName: 'app/sw.js', source: worker })
      },
    },
  }
}

type Bundle = Record<string, { type: string; imports?: string[] }>
/** All that a chunk needs before it runs. */
function reached(bundle: Bundle, file: string, all = new Set<string>()): Set<string> {
  if (!all.has(file)) for (const f of (all.add(file), bundle[file]?.imports ?? [])) reached(bundle, f, all)
  return all
}

/** The words in the tables are for clinicians; the phone has its own (app/text.safety.ts, app/forms/text.ts), and weighs no change. */
const SPARED: Record<string, readonly string[]> = {
  '/hooks/safety/redflags.json': ['asks', 'says'],
  '/lib/outcomes/table.json': ['asks', 'text', 'about', 'source', 'metric', 'worth'],
}
const leanTable = (): Plugin => ({
  name: 'lean-table',
  enforce: 'pre',
  apply: (_, { command }) => command === 'build', // tests read them whole
  transform: (code, id) => {
    const spared = Object.entries(SPARED).find(([file]) => id.endsWith(file))?.[1]
    return spared && JSON.stringify(JSON.parse(code), (key, value) => (spared.includes(key) ? undefined : value))
  },
})

/** The library in Spanish lies by code beside the English; the phone finds it by the mark of the English words. */
const spanishLibrary = (): Plugin => ({
  name: 'spanish-library',
  enforce: 'pre',
  transform(code, id) {
    if (!id.endsWith('/hooks/program/spanish.json')) return
    const english = (file: string) => JSON.parse(readFileSync(resolve(dirname(id), file), 'utf8')) as Record<string, string>[]
    const { items, education, stops } = JSON.parse(code)
    const pairs = Object.entries<string>(stops)
    for (const [file, twins] of [['library.json', items], ['education.json', education]] as const)
      for (const row of english(file)) for (const [field, words] of Object.entries<string>(twins[row.code!])) pairs.push([row[field]!, words])
    return JSON.stringify(Object.fromEntries(pairs.map(([from, to]) => [mark(from), to])))
  },
})

export default defineConfig({
  root: src,
  publicDir: resolve(here, 'public'),
  plugins: [svelte({ configFile: resolve(here, 'svelte.config.js') }), serviceWorker(), leanTable(), spanishLibrary()],
  // the package's entry wraps an ES5 build; the modern one is smaller
  resolve: { alias: { dexie: resolve(here, 'node_modules/dexie/dist/modern/dexie.mjs') } },
  build: {
    outDir: resolve(here, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: [
      { name: 'content.es', test: /content\.es\.ts|spanish\.json/, priority: 5, includeDependenciesRecursively: false },
      { name: 'es', test: /\.es\.ts$/, priority: 4, includeDependenciesRecursively: false },
      { name: 'ui', test: SHARED, priority: 3 },
      { name: 'both', test: BOTH, priority: 3 },
      { name: 'first', test: FIRST, priority: 2 },
      { name: 'flags', test: FLAGS, priority: 1.6, includeDependenciesRecursively: false },
      { name: 'signs', test: SIGNS, priority: 1.5, includeDependenciesRecursively: false },
      { name: 'area-lib', test: AREAS, priority: 1.2, includeDependenciesRecursively: false },
      { name: 'later', test: LATER, priority: 1 },
      { name: 'words', test: /src\/therapist\/.*text\.ts$/, priority: 0.7, includeDependenciesRecursively: false },
      { name: 'care', test: /src\/therapist\/(plan|program|visit|schedule|document|patient|alerts|me)\/|src\/lib\/(visits|chart)\.ts/, priority: 0.6, includeDependenciesRecursively: false }, // like compresses with like here too
      { name: id => (/src\/app\/([a-z]+)\//.exec(id)?.[1] ?? '').replace(/.+/, 'area-$&') || null, priority: 0.5, includeDependenciesRecursively: false },
    ] } }, input: { home: resolve(src, 'index.html'), app: resolve(src, 'app/index.html'), therapist: resolve(src, 'therapist/index.html'), report: resolve(src, 'report/index.html'), carer: resolve(src, 'carer/index.html'), admin: resolve(src, 'admin/index.html') } },
  },
  test: { root: here, include: ['src/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0])
