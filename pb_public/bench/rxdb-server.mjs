// The npm package rxdb-server on RxDB's free memory storage: `node rxdb-server.mjs PORT`. It was published for RxDB 15.22: RxDB 17 has renamed `database.onDestroy`, on which it rests.
import { createRxDatabase } from 'rxdb'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { createRxServer } from 'rxdb-server/plugins/server'
import { RxServerAdapterExpress } from 'rxdb-server/plugins/adapter-express'

const text = { type: 'string' }
const number = { type: 'number' }
const schema = {
  version: 0, primaryKey: 'id', type: 'object', required: ['id'],
  properties: { id: { ...text, maxLength: 36 }, patient: text, attack: text, at: text, at_offset: number, nrs: number, source: text },
}
const database = await createRxDatabase({ name: 'bench', storage: getRxStorageMemory(), multiInstance: false })
const { attack_readings } = await database.addCollections({ attack_readings: { schema } })
const server = await createRxServer({ database, adapter: RxServerAdapterExpress, hostname: '127.0.0.1', port: Number(process.argv[2]) })
server.addReplicationEndpoint({ name: 'attack_readings', collection: attack_readings })
await server.start()
