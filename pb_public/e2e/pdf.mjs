// The text of a PDF as Chromium prints it: enough of the format to read back what stands on a page, with no program besides Node.
import { inflateSync } from 'node:zlib'

/** The pages of a PDF, each as the text that is drawn on it, in the order of drawing. */
export function pages(pdf) {
  const objects = objectsOf(pdf)
  const fonts = new Map() // by object number
  const glyphs = ref => {
    if (!fonts.has(ref)) fonts.set(ref, cmap(stream(objects, /\/ToUnicode (\d+) 0 R/.exec(objects.get(ref)?.head ?? '')?.[1])))
    return fonts.get(ref)
  }
  return [...objects.values()].filter(o => /\/Type\s*\/Page\b/.test(o.head)).map(page => {
    const named = dictionary(objects, page.head, 'Font')
    const byName = new Map([...named.matchAll(/\/(\w+) (\d+) 0 R/g)].map(m => [m[1], glyphs(m[2])]))
    return drawn(stream(objects, /\/Contents (\d+) 0 R/.exec(page.head)[1]), byName)
  })
}

function objectsOf(pdf) {
  const text = pdf.toString('latin1')
  const objects = new Map()
  for (const m of text.matchAll(/(?:^|\n)(\d+) 0 obj\s/g)) {
    const at = m.index + m[0].length
    const end = text.indexOf('endobj', at)
    const body = text.indexOf('stream', at)
    const streamed = body > 0 && body < end
    const from = streamed ? body + (text[body + 6] === '\r' ? 8 : 7) : 0
    const head = text.slice(at, streamed ? body : end)
    const length = Number(/\/Length (\d+)/.exec(head)?.[1])
    objects.set(m[1], { head, bytes: streamed ? pdf.subarray(from, from + length) : null })
  }
  return objects
}

function stream(objects, ref) {
  const { head, bytes } = objects.get(ref) ?? {}
  return bytes ? (/FlateDecode/.test(head) ? inflateSync(bytes) : bytes).toString('latin1') : ''
}

/** The part of a dictionary under a key, written in place or elsewhere. */
function dictionary(objects, head, key) {
  const resources = /\/Resources (\d+) 0 R/.exec(head)
  const within = resources ? objects.get(resources[1]).head : head
  const at = within.indexOf(`/${key}`)
  const elsewhere = /^\/\w+ (\d+) 0 R/.exec(within.slice(at))
  return at < 0 ? '' : elsewhere ? objects.get(elsewhere[1]).head : within.slice(at, within.indexOf('>>', at))
}

/** What each glyph of a font means. */
function cmap(text) {
  const said = new Map()
  const unicode = hex => String.fromCodePoint(...hex.match(/.{4}/g).map(h => parseInt(h, 16)))
  for (const [, part] of text.matchAll(/beginbfchar(.*?)endbfchar/gs))
    for (const [, glyph, hex] of part.matchAll(/<(\w+)>\s*<(\w+)>/g)) said.set(parseInt(glyph, 16), unicode(hex))
  for (const [, part] of text.matchAll(/beginbfrange(.*?)endbfrange/gs))
    for (const [, first, last, to] of part.matchAll(/<(\w+)>\s*<(\w+)>\s*<(\w+)>/g))
      for (let g = parseInt(first, 16), c = parseInt(to, 16); g <= parseInt(last, 16); g++, c++) said.set(g, String.fromCodePoint(c))
  return said
}

function drawn(content, fonts) {
  let font = new Map()
  let out = ''
  for (const m of content.matchAll(/\/(\w+) [\d.]+ Tf|<([0-9A-Fa-f\s]+)>\s*Tj|\[(.*?)\]\s*TJ|\b(ET)\b/gs)) {
    if (m[1]) font = fonts.get(m[1]) ?? new Map()
    else if (m[4]) out += '\n'
    else
      for (const hex of (m[2] ? [m[2]] : [...m[3].matchAll(/<(\w+)>/g)].map(h => h[1])))
        for (const glyph of hex.match(/.{4}/g) ?? []) out += font.get(parseInt(glyph, 16)) ?? ''
  }
  return out
}
