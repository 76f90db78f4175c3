import { declare } from '@tetragon-ts/api'
import { AnyValue, KeyValue, Resource, Scope } from './common-messages.ts'

const { fixed64, int32, int64, many, message, nested, string } = declare

// The used fields of opentelemetry/proto/logs/v1 and collector/logs/v1.

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
