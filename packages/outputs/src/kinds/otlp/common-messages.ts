import { declare } from '@tetragon-ts/api'

const { bool, int64, many, message, nested, string } = declare

// The used fields of the messages of OTLP 1.11 that logs and metrics share
// (opentelemetry/proto/{common,resource}/v1). Their names are those of OTLP in JSON, so that one
// object has both forms.

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

export const Resource = message('Resource', { attributes: many(nested(1, KeyValue)) })

export const Scope = message('InstrumentationScope', { name: string(1), version: string(2) })
