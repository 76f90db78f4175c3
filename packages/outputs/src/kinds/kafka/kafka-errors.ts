/** What becomes of the records of a batch that a broker did not accept. */
type Remedy =
  /** Send them again: the cause can pass, or the operator can remove it. */
  | 'again'
  /** The same, after asking which broker leads the partition. */
  | 'refresh'
  /** The batch is too large: send it in parts; a single record is refused. */
  | 'split'
  /** The sequence of the producer is not the broker's: send them as a new one. */
  | 'new-producer'
  /** The broker has them already. */
  | 'accepted'

interface KafkaError {
  readonly name: string
  readonly remedy: Remedy
  /** What the operator can do. */
  readonly hint?: string
}

function again(name: string, hint?: string): KafkaError {
  return { name, remedy: 'again', ...(hint === undefined ? {} : { hint }) }
}
function refresh(name: string): KafkaError {
  return { name, remedy: 'refresh' }
}
function split(name: string): KafkaError {
  return { name, remedy: 'split' }
}
function newProducer(name: string): KafkaError {
  return { name, remedy: 'new-producer' }
}

/** Errors of Kafka that a producer can get, by number. */
const errors: Readonly<Record<number, KafkaError>> = {
  [-1]: again('UNKNOWN_SERVER_ERROR'),
  2: again('CORRUPT_MESSAGE'),
  3: refresh('UNKNOWN_TOPIC_OR_PARTITION'),
  5: refresh('LEADER_NOT_AVAILABLE'),
  6: refresh('NOT_LEADER_OR_FOLLOWER'),
  7: again('REQUEST_TIMED_OUT'),
  8: refresh('BROKER_NOT_AVAILABLE'),
  9: refresh('REPLICA_NOT_AVAILABLE'),
  10: split('MESSAGE_TOO_LARGE'),
  13: refresh('NETWORK_EXCEPTION'),
  17: again('INVALID_TOPIC_EXCEPTION'),
  18: split('RECORD_LIST_TOO_LARGE'),
  19: again('NOT_ENOUGH_REPLICAS'),
  20: again('NOT_ENOUGH_REPLICAS_AFTER_APPEND'),
  29: again('TOPIC_AUTHORIZATION_FAILED', 'permit Write on the topic'),
  31: again('CLUSTER_AUTHORIZATION_FAILED', 'permit IdempotentWrite, or give allow-duplicates'),
  32: split('INVALID_TIMESTAMP'),
  33: again('UNSUPPORTED_SASL_MECHANISM'),
  34: again('ILLEGAL_SASL_STATE'),
  35: again('UNSUPPORTED_VERSION'),
  43: again('UNSUPPORTED_FOR_MESSAGE_FORMAT'),
  44: again('POLICY_VIOLATION'),
  45: newProducer('OUT_OF_ORDER_SEQUENCE_NUMBER'),
  46: { name: 'DUPLICATE_SEQUENCE_NUMBER', remedy: 'accepted' },
  47: newProducer('INVALID_PRODUCER_EPOCH'),
  49: newProducer('INVALID_PRODUCER_ID_MAPPING'),
  56: refresh('KAFKA_STORAGE_ERROR'),
  58: again('SASL_AUTHENTICATION_FAILED'),
  59: newProducer('UNKNOWN_PRODUCER_ID'),
  74: refresh('FENCED_LEADER_EPOCH'),
  75: refresh('UNKNOWN_LEADER_EPOCH'),
  76: again('UNSUPPORTED_COMPRESSION_TYPE'),
  87: split('INVALID_RECORD'),
  89: again('THROTTLING_QUOTA_EXCEEDED'),
  90: newProducer('PRODUCER_FENCED'),
}

/** What to do about an error. Unknown ones can pass. */
export function remedyOf(error: number): Remedy {
  return errors[error]?.remedy ?? 'again'
}

/** An error as it is reported. @param more what the broker says about it */
export function describeError(error: number, more?: string): string {
  const { name = `error ${error}`, hint } = errors[error] ?? {}
  return ['Kafka', name, ...[more, hint].filter(Boolean)].join(': ')
}
