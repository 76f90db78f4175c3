/** All error codes of this package: by class, with their meaning. */
export const errorCodes = {
  CompactError: {
    missing_process_info: 'The event names no process, so it has no compact form.',
    unknown_event_type: 'The event is of a kind that has no compact form.',
  },
  ProtobufError: {
    invalid_protobuf: 'The bytes are not the wire form of the message.',
    invalid_value: 'The message cannot hold this value.',
  },
} as const satisfies Record<string, Record<string, string>>

/** The codes of one class of errors. */
export type ErrorCodeOf<Class extends keyof typeof errorCodes> = keyof (typeof errorCodes)[Class]
