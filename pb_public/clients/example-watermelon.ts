/**
 * A diary app on WatermelonDB: tables and models for the patient profile of ten collections. The tests run this file as it is.
 *
 * An app's tables are fixed when it is built: save the answer of GET /api/sync/schema in your project, and raise `version`
 * (with a migration) when a newer answer has more columns.
 */
import { appSchema, associations, Database, Model, tableSchema, type AppSchema, type ColumnSchema, type DatabaseAdapter } from '@nozbe/watermelondb'
import { synchronize } from '@nozbe/watermelondb/sync'
import { interictal, type Options } from './watermelon'

interface ServerSchema {
  collections: { collection: string; profile: boolean; jsonSchema: { properties: Record<string, { type?: string | string[] }> } }[]
}

/** Tables for the patient profile. What can be unknown is optional: null is "not said", never zero or no. */
export function tables({ collections }: ServerSchema, version = 1): AppSchema {
  const profile = collections.filter(({ profile }) => profile)
  return appSchema({
    version,
    tables: profile.map(({ collection, jsonSchema }) => tableSchema({ name: collection, columns: Object.entries(jsonSchema.properties).flatMap(column) })),
  })
}

function column([name, { type }]: [string, { type?: string | string[] }]): ColumnSchema[] {
  if (!type || name === 'id' || name === '_deleted') return []
  const kinds = [type].flat()
  const kind = kinds.includes('boolean') ? 'boolean' : kinds.includes('string') ? 'string' : 'number'
  return [{ name, type: kind, isOptional: kinds.includes('null') }]
}

/** What every row has. `rev` is the sync's; `created` and `updated` are the server's. */
class Row extends Model {
  declare readonly rev: string
  declare readonly created: string
  declare readonly updated: string
  declare patient: string
}

export class Patient extends Row {
  static override table = 'patients'
  declare readonly name: string
  declare readonly timezone: string
}

/** One row a day: its id is the patient's id and yyyymmdd, so that two phones make the same row. */
export class DiaryDay extends Row {
  static override table = 'diary_days'
  declare day: string
  declare headache: boolean | null
  declare worst_pain_nrs: number | null
  declare acute_medicine: boolean | null
  declare neck_pain_nrs: number | null
  declare stress: number | null
  declare note: string
}

/** `experimentalMarkAsDeleted()` takes the readings along. */
export class Attack extends Row {
  static override table = 'attacks'
  static override associations = associations(['attack_readings', { type: 'has_many', foreignKey: 'attack' }])
  declare started_at: string
  declare ended_at: string
  declare tz: string
  declare peak_nrs: number | null
  declare nausea: boolean | null
  declare note: string
}

export class AttackReading extends Row {
  static override table = 'attack_readings'
  static override associations = associations(['attacks', { type: 'belongs_to', key: 'attack' }])
  declare attack: string
  declare at: string
  declare nrs: number | null
}

export class Medication extends Row {
  static override table = 'medications'
  declare name: string
}

export class MedicationDose extends Row {
  static override table = 'medication_doses'
  declare medication: string
  declare attack: string
  declare taken_at: string
  declare worked: boolean | null
}

export class Trigger extends Row {
  static override table = 'triggers'
  static override associations = associations(['trigger_exposures', { type: 'has_many', foreignKey: 'trigger' }])
  declare name: string
  declare kind: string
  declare note: string
}

/** One row a day: its id is the trigger's id and yyyymmdd. */
export class TriggerExposure extends Row {
  static override table = 'trigger_exposures'
  static override associations = associations(['triggers', { type: 'belongs_to', key: 'trigger' }])
  declare trigger: string
  declare day: string
  declare exposed: boolean | null
}

/** Prescribed by the clinic: read-only here. */
export class Exercise extends Row {
  static override table = 'exercises'
  declare readonly name: string
}

export class ExerciseLog extends Row {
  static override table = 'exercise_logs'
  declare exercise: string
  declare done_at: string
  declare note: string
}

const models = [Patient, DiaryDay, Attack, AttackReading, Medication, MedicationDose, Trigger, TriggerExposure, Exercise, ExerciseLog]

/** Opens the database: each model gets a property for each column of its table. */
export function open(adapter: DatabaseAdapter & { schema: AppSchema }): Database {
  for (const model of models) {
    for (const { name } of adapter.schema.tables[model.table]?.columnArray ?? []) {
      Object.defineProperty(model.prototype, name, {
        configurable: true,
        get(this: Model) { return this._getRaw(name) },
        set(this: Model, value) { this._setRaw(name, value) },
      })
    }
  }
  return new Database({ adapter, modelClasses: models })
}

/** Sends what is unsent and fetches what is new. One call at a time; call it when online, on a poke, and now and then. */
export const sync = (options: Options) => synchronize({ database: options.database, ...interictal(options) })
