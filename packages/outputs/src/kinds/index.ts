import type { OutputKind } from '../connection.ts'
import { http } from './http/http.ts'
import { kafka } from './kafka/kafka.ts'
import { nats } from './nats/nats.ts'
import { otlp } from './otlp/otlp.ts'
import { parquet } from './parquet/parquet.ts'
import { s3 } from './s3/s3.ts'
import { syslog } from './syslog/syslog.ts'

/** All kinds of outputs. */
const kinds = { http, kafka, nats, otlp, parquet, s3, syslog } as const satisfies Record<
  string,
  OutputKind
>

/** Schemes of URLs of outputs. */
export const schemes: readonly string[] = Object.values(kinds).flatMap((kind) => kind.schemes)

/** The kind with a scheme; undefined if there is none. */
export function kindOfScheme(scheme: string): OutputKind | undefined {
  return Object.values<OutputKind>(kinds).find((kind) => kind.schemes.includes(scheme))
}
