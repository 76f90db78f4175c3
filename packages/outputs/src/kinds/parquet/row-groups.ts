import * as zlib from 'node:zlib'
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import { type ColumnType, cellOf, type EventColumn, type EventParts } from './event-columns.ts'

/** Node.js 22.15 and later. */
const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: Uint8Array) => Uint8Array }

const compression =
  zstdCompressSync === undefined
    ? { codec: 'GZIP' as const, compressors: { GZIP: (bytes: Uint8Array) => zlib.gzipSync(bytes) } }
    : { codec: 'ZSTD' as const, compressors: { ZSTD: zstdCompressSync } }

/** Row groups of a file, one after the other; each is encoded on its own, in memory. */
export class RowGroups {
  readonly #columns: readonly EventColumn[]
  readonly #writer = new ByteWriter()
  readonly #parquet: ParquetWriter
  #count = 0

  /** @param createdBy name and version of the program, for the file */
  constructor(columns: readonly EventColumn[], createdBy: string) {
    this.#columns = columns
    const root: SchemaElement = { name: 'root', num_children: columns.length }
    const schema = [root, ...columns.flatMap(({ name, type }) => elements[type](name))]
    this.#parquet = new ParquetWriter({ writer: this.#writer, schema, createdBy, ...compression })
  }

  get count(): number {
    return this.#count
  }

  /** The bytes of a row group, behind those of earlier ones; the first follows the file's head. */
  add(events: readonly EventParts[]): Uint8Array {
    const columnData = this.#columns.map(({ name, type, value }) => ({
      name,
      data: events.map((event) => cellOf[type](value(event))),
      // One page: an index would say nothing.
      offsetIndex: false,
      statistics: type !== 'json' && name !== 'original',
    }))
    this.#parquet.write({ columnData, rowGroupSize: events.length, pageSize: Infinity })
    this.#count++
    return this.#take()
  }

  /** The end of the file, behind the row groups so far. */
  footer(): Uint8Array {
    const { offset } = this.#writer
    this.#parquet.finish()
    const footer = this.#take()
    this.#writer.offset = offset
    return footer
  }

  #take(): Uint8Array {
    const bytes = this.#writer.getBytes().slice()
    this.#writer.index = 0
    return bytes
  }
}

const optional = { repetition_type: 'OPTIONAL' } as const
const textElement = { ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const

/** Elements of the schema of a column. */
const elements: Readonly<Record<ColumnType, (name: string) => SchemaElement[]>> = {
  text: (name) => [{ name, ...textElement }],
  texts: (name) => [
    { name, ...optional, converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', ...textElement },
  ],
  json: (name) => [{ name, ...optional, type: 'BYTE_ARRAY', converted_type: 'JSON' }],
  // Not adjusted to UTC although it is UTC: otherwise DuckDB shows it in the zone of the reader.
  time: (name) => {
    const logical_type = { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } as const
    return [{ name, ...optional, type: 'INT64', logical_type }]
  },
  uint32: (name) => [{ name, ...optional, type: 'INT32', converted_type: 'UINT_32' }],
  uint64: (name) => [{ name, ...optional, type: 'INT64', converted_type: 'UINT_64' }],
}
