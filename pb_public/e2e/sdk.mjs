// Runs the ```js blocks of docs/pocketbase.md, in order, as one program against the real binary and a fresh demo clinic.
//
// In the document `EXPRESSION // → VALUE` says what a line gives, `// → soon VALUE` what it gives once a realtime message has
// arrived. Each such line becomes a check. The run fails on a wrong value, on a line that cannot be read, on a block that checks
// nothing, on anything thrown, and when fewer checks ran than the document holds.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { inspect } from 'node:util'
import { demo, pause, server } from './lib.mjs'

const DOCUMENT = resolve(import.meta.dirname, '../../docs/pocketbase.md')
const ADDRESS = 'http://127.0.0.1:8090' // as the document says it
const SOON = 5_000

/** The document as a module: its code at the same line numbers, everything else empty. */
function program(markdown, address) {
  let inside = false
  let begun = 0
  let checks = 0
  const faults = []
  const lines = markdown.split('\n').map((line, i) => {
    if (line === '```js') {
      inside = true
      begun = checks
      return ''
    }
    if (line.startsWith('```')) {
      if (inside && checks === begun) faults.push(`line ${i + 1}: a block that checks nothing`)
      inside = false
      return ''
    }
    if (!inside) return ''
    if (!line.includes('// →')) return line.replaceAll(ADDRESS, address)
    checks++
    const [, expression, soon, value] = /^(\S.*?) +\/\/ → (soon )?(.+)$/.exec(line) ?? []
    if (!expression || !isExpression(expression) || !isExpression(value)) {
      faults.push(`line ${i + 1}: not an expression with the value it gives`)
      return ''
    }
    return `await ${soon ? 'becomes' : 'gives'}(${i + 1}, () => (${expression}), () => (${value}));`
  })
  if (inside) faults.push('the last block has no end')
  assert.deepEqual(faults, [])
  return { code: `const { gives, becomes } = globalThis.checks; ${lines.join('\n')}\nglobalThis.checks.ended = true\n`, checks }
}

function isExpression(text) {
  try {
    return Boolean(new Script(`async () => (${text}\n)`))
  } catch {
    return false
  }
}

class Checks {
  done = 0
  failed = 0
  ended = false

  gives = async (line, actual, expected) => this.compare(line, await actual(), await expected())

  becomes = async (line, actual, expected) => {
    for (const end = Date.now() + SOON; Date.now() < end; await pause(20)) {
      if (equal(await actual(), await expected())) break
    }
    await this.gives(line, actual, expected)
  }

  compare(line, actual, expected) {
    this.done++
    if (equal(actual, expected)) return
    this.failed++
    console.log(`FAIL docs/pocketbase.md:${line} gives ${inspect(actual)}, not ${inspect(expected)}`)
  }
}

function equal(actual, expected) {
  try {
    assert.deepStrictEqual(actual, expected)
    return true
  } catch {
    return false
  }
}

/** Runs a text; its file lies where `import 'pocketbase'` finds the unmodified SDK. */
async function run(markdown, address, name) {
  const { code, checks } = program(markdown, address)
  const folder = resolve(import.meta.dirname, '../node_modules/.cache')
  const file = join(folder, `${name}-${process.pid}.mjs`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, code)
  globalThis.checks = new Checks()
  try {
    await import(pathToFileURL(file))
  } catch (problem) {
    throw new Error(`${at(problem, file)} ${problem.message} ${inspect(problem.response ?? '')}`)
  } finally {
    rmSync(file)
  }
  assert.ok(globalThis.checks.ended, 'the program stopped before its end')
  assert.equal(globalThis.checks.done, checks, 'checks that did not run')
  return globalThis.checks
}

/** Where in the document something was thrown; the SDK's own frames are one endless line. */
function at(problem, file) {
  const line = problem.stack?.split('\n').find(frame => frame.includes(file))
  return `docs/pocketbase.md:${line?.match(/\.mjs:(\d+)/)?.[1] ?? '?'}`
}

let asked = 0
const plain = globalThis.fetch
globalThis.fetch = async (...request) => {
  asked++
  try {
    return await plain(...request)
  } finally {
    asked--
  }
}

/** What the last messages set off comes to its end before the server does; a late failure still counts. */
async function settled() {
  for (let quiet = 0; quiet < 10; await pause(20)) quiet = asked ? 0 : quiet + 1
}

/** A test of a document must be able to fail: each of these has a fault, and has to be found out. */
async function provesItself() {
  const block = lines => '```js\n' + lines + '\n```\n'
  const quiet = console.log
  console.log = () => {}
  const wrong = await run(block('1 + 1 // → 3\n({ a: null }).a // → undefined'), '', 'wrong')
  console.log = quiet
  assert.equal(wrong.failed, 2)
  await assert.rejects(run(block('const nothing = 1'), '', 'unchecked'))
  await assert.rejects(run(block('const a = 1 // → 1'), '', 'statement'))
  await assert.rejects(run(block('true // → true\nthrow new Error("x")'), '', 'thrown'))
  await assert.rejects(run(block('if (false) {\ntrue // → true\n}'), '', 'skipped'))
}

const guard = setTimeout(() => (console.log('FAIL docs/pocketbase.md: no end after 60 s'), process.exit(1)), 60_000)
await provesItself()
const { url, stop } = await server(demo())
const { done, failed } = await run(readFileSync(DOCUMENT, 'utf8'), url, 'pocketbase').catch(problem => (console.log(`FAIL ${problem.message}`), process.exit(1)))
await settled()
await stop()
clearTimeout(guard)
assert.ok(done >= 50, `only ${done} checks`)
console.log(failed ? `${failed} of ${done} checks failed` : `ok   docs/pocketbase.md with the stock SDK (${done} checks)`)
process.exit(failed ? 1 : 0)
