// B-22: the phone's table types say what the server's schema says (hooks/testdata/schema.json, which hooks/schema_phone_test.go holds to
// what the server publishes): every field there is, with its kind, whether it may be unknown, and every value of a choice.
import ts from 'typescript'
import { expect, test } from 'vitest'
import published from '../../../hooks/testdata/schema.json'
import { COLLECTIONS, POINTERS, READ_ONLY } from './types'

type Property = { type?: string | string[]; enum?: string[]; items?: unknown }
type Published = { readOnly: boolean; document: { properties: Record<string, Property> } }
const schema = published as unknown as Record<string, Published>

const FILE = 'src/lib/types.ts'
const program = ts.createProgram([FILE], { strict: true, noEmit: true, skipLibCheck: true })
const checker = program.getTypeChecker()
const source = program.getSourceFile(FILE)!
const tables = checker.getTypeAtLocation(source.statements.find(s => ts.isTypeAliasDeclaration(s) && s.name.text === 'Tables')!)

/** Of a collection: its fields as TypeScript has them. */
function fieldsOf(collection: string) {
  const row = checker.getTypeOfSymbolAtLocation(tables.getProperty(collection)!, source)
  return Object.fromEntries(checker.getPropertiesOfType(row).map(({ name }) => [name, partsOf(row, name)]))
}
/** The kinds a field may be, as JSON Schema names them, and the words of a choice; what is absent in older rows counts by what it is when it is there. */
function partsOf(row: ts.Type, name: string) {
  const type = checker.getTypeOfSymbolAtLocation(row.getProperty(name)!, source)
  const parts = (type.isUnion() ? type.types : [type]).filter(t => !(t.flags & ts.TypeFlags.Undefined))
  const words = parts.flatMap(t => (t.isStringLiteral() ? [t.value] : []))
  return { kinds: [...new Set(parts.map(kindOf))].sort(), words }
}
function kindOf(type: ts.Type): string {
  const { flags } = type
  if (flags & ts.TypeFlags.Null) return 'null'
  if (flags & ts.TypeFlags.StringLike) return 'string'
  if (flags & ts.TypeFlags.NumberLike) return 'number'
  if (flags & ts.TypeFlags.BooleanLike) return 'boolean'
  return checker.isArrayType(type) ? 'array' : 'object'
}
const kindsOf = (p: Property) => [p.type ?? []].flat().map(kind => (kind === 'integer' ? 'number' : kind)).sort()

/** A patient's own row points at nobody; a reading without a score is refused (hooks/entry), so none is ever served. */
const NARROWER = ['patients.patient is not in the schema', 'attack_readings.nrs is number, in the schema null | number']

/** What a table type says that the schema does not. */
function faults(collection: string, row: ReturnType<typeof fieldsOf>) {
  const { properties } = schema[collection]!.document
  return Object.entries(row).flatMap(([name, { kinds, words }]) => {
    const told = properties[name]
    if (!told) return [`${collection}.${name} is not in the schema`]
    const expected = kindsOf(told)
    const out = expected.length && kinds.join() !== expected.join() ? [`${collection}.${name} is ${kinds.join(' | ')}, in the schema ${expected.join(' | ')}`] : []
    if (words.length && told.enum) {
      const [here, there] = [words, told.enum].map(list => list.filter(Boolean).sort().join())
      if (here !== there) out.push(`${collection}.${name}: ${here}, in the schema ${there}`)
    } else if (words.length && !told.enum) out.push(`${collection}.${name} is a choice of ${words.join()}, in the schema a text`)
    return out
  })
}

const rows = Object.fromEntries(COLLECTIONS.map(c => [c, fieldsOf(c)]))

test('B-22 the phone knows exactly the collections that are synced, and which of them it may write', () => {
  expect([...COLLECTIONS].sort()).toEqual(Object.keys(schema).sort())
  expect([...READ_ONLY].sort()).toEqual(Object.keys(schema).filter(c => schema[c]!.readOnly))
})

test('B-22 each field of a table type is the server’s, of the same kind, as unknown as there, with the same choices', () => {
  const all = Object.values(rows).flatMap(row => Object.keys(row))
  console.log(`B-22 ${all.length} fields of ${COLLECTIONS.length} tables compared with the published schema`)
  expect(COLLECTIONS.flatMap(c => faults(c, rows[c]!))).toEqual(NARROWER)
  expect(all.length).toBeGreaterThan(400)
})

test('B-22 what points at a row is a field of the table it is said of', () => {
  for (const [collection, pointers] of Object.entries(POINTERS)) for (const { field, to } of pointers) expect([collection, field, !!schema[collection]!.document.properties[field], to in schema]).toEqual([collection, field, true, true])
})

test('B-22 a wrong type is found', () => {
  expect(faults('attacks', { nausea: { kinds: ['boolean'], words: [] }, hurts: { kinds: ['number'], words: [] }, end_known: { kinds: ['string'], words: ['exact'] } })).toHaveLength(3)
})
