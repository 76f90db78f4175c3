import { cloudevents } from './cloudevents.ts'
import { elasticsearch } from './elasticsearch.ts'
import { falco } from './falco.ts'
import type { HttpFormat } from './format.ts'
import { jsonArray, jsonLines } from './json.ts'
import { loki } from './loki.ts'
import { otlp, otlpProtobuf } from './otlp.ts'
import { splunk } from './splunk.ts'

/** The forms of requests, by name. */
export const formats = {
  'json-lines': jsonLines,
  json: jsonArray,
  elasticsearch,
  loki,
  otlp,
  'otlp-protobuf': otlpProtobuf,
  splunk,
  cloudevents,
  falco,
} as const satisfies Record<string, HttpFormat>

export type FormatName = keyof typeof formats
