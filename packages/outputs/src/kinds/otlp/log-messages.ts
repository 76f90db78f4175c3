import { declare } from '@tetragon-ts/api'

const { bool, fixed64, int32, int64, many, message, nested, string } = declare

// The used fields of the messages of OTLP 1.11 (opentelemetry/proto/{common,resource,logs}/v1 and
// collector/logs/v1). Their names are those of OTLP in JSON, so that one object has both forms.

export const ScalarValue = message(
  'AnyValue',
  { stringValue: string(1), boolValue: bool(2), intValue: int64(3) },
  { oneofs: { value: ['stringValue', 'boolValue', 'intValue'] } },
)

const ArrayValue = message('ArrayValue', { values: many(nested(1, ScalarValue)) })

export const AnyValue = message(
  'AnyValue',
  { ...ScalarValue.fields, arrayValue: nested(5, ArrayValue) },
  { oneofs: { value: ['stringValue', 'boolValue', 'intValue', 'arrayValue'] } },
)

export const KeyValue = message('KeyValue', { key: string(1), value: nested(2, AnyValue) })

const Resource = message('Resource', { attributes: many(nested(1, KeyValue)) })

const Scope = message('InstrumentationScope', { name: string(1), version: string(2) })

export const LogRecord = message('LogRecord', {
  timeUnixNano: fixed64(1),
  severityNumber: int32(2),
  severityText: string(3),
  body: nested(5, AnyValue),
  attributes: many(nested(6, KeyValue)),
  observedTimeUnixNano: fixed64(11),
  eventName: string(12),
})

const ScopeLogs = message('ScopeLogs', {
  scope: nested(1, Scope),
  logRecords: many(nested(2, LogRecord)),
})

const ResourceLogs = message('ResourceLogs', {
  resource: nested(1, Resource),
  scopeLogs: many(nested(2, ScopeLogs)),
})

export const ExportLogsRequest = message('ExportLogsServiceRequest', {
  resourceLogs: many(nested(1, ResourceLogs)),
})

const PartialSuccess = message('ExportLogsPartialSuccess', {
  rejectedLogRecords: int64(1),
  errorMessage: string(2),
})

export const ExportLogsResponse = message('ExportLogsServiceResponse', {
  partialSuccess: nested(1, PartialSuccess),
})
