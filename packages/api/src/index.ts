export { encodeUtf8, fromBase64, utf8, utf8Length } from '#platform'
export { checkMessage } from './check-message.ts'
export type { CompactErrorCode } from './compact/compact-error.ts'
export { CompactError } from './compact/compact-error.ts'
export type { CompactOptions, CompactPrinter } from './compact/compact-printer.ts'
export { compactPrinter } from './compact/compact-printer.ts'
export { compactLabel, eventLine } from './compact/event-lines.ts'
export { type DistinctKernel, distinctKernels } from './distinct-kernels.ts'
export { errorCodes } from './error-codes.ts'
export type { Event } from './event.ts'
export * from './event-type.ts'
export * from './events/event-table.ts'
export * from './events/filter.ts'
export * from './events/hook-events.ts'
export * from './events/process-events.ts'
export * from './events/stream-events.ts'
export * from './exec-id.ts'
export { type ExtensionField, extensionFields, isExtensionNumber } from './extension-fields.ts'
export * from './flags.ts'
export * from './grpc/health.ts'
export * from './grpc/reflection.ts'
export { argumentText } from './lines/argument-text.ts'
export type { Column, Line } from './lines/line.ts'
export type * from './message.ts'
/** The declaration language of messages, for other services. */
export * as declare from './message.ts'
export * from './messages/debug.ts'
export * from './messages/detection-rules.ts'
export { MissedNotifications } from './messages/enforcement.ts'
export * from './messages/enums.ts'
/** All enumerations by their names here. */
export * as enums from './messages/enums.ts'
export * from './messages/event-log.ts'
export type { StreamReceiver } from './messages/event-stream.ts'
export {
  type ActionState,
  actionStates,
  Finding,
  findingLevels,
  MatchedField,
} from './messages/finding.ts'
export * from './messages/health.ts'
export * from './messages/info.ts'
export * from './messages/inspect.ts'
export * from './messages/kprobe-argument.ts'
export * from './messages/policies.ts'
export * from './messages/policy-programs.ts'
export * from './messages/policy-status.ts'
export * from './messages/process.ts'
export * from './messages/runtime-hook.ts'
export * from './messages/sensors.ts'
export type { ParsedLine, ParseFailure } from './parse-event.ts'
export { eventOf, parseEvent } from './parse-event.ts'
export {
  hookLines,
  listingText,
  mapText,
  type PolicyListing,
  programCounts,
} from './program-listing.ts'
export { descriptorsOfFile, descriptorsOfSymbol } from './proto/descriptor-bytes.ts'
export { escapeUnprintable } from './quoting/escape.ts'
export { maybeQuote, quote } from './quoting/quote.ts'
export { shellQuote } from './quoting/shell-quote.ts'
export { terminalJson } from './quoting/terminal-json.ts'
export * from './service.ts'
export * from './services.ts'
export * from './syscalls/syscalls.ts'
export { type Codec, codecOf } from './wire/codec.ts'
export type { PreencodedObjects } from './wire/json-text.ts'
export { lazyMessageOf } from './wire/lazy-message.ts'
export { ProtobufError, type ProtobufErrorCode } from './wire/protobuf-error.ts'
export { Transcoder } from './wire/transcoder.ts'
export { WireBuffer } from './wire/wire-buffer.ts'
