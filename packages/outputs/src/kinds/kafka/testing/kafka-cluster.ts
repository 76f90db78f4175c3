import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

// The system's Python: it finds Debian's libraries.
const python = '/usr/bin/python3'
const library = 'librdkafka.so.1'

/** Why there can be no cluster here; false if there can. */
export const missingKafka = findMissing()

function findMissing(): string | false {
  if (spawnSync('kcat', ['-V']).status !== 0) return 'kcat is missing: apt-get install kcat'
  const load = spawnSync(python, ['-c', `import ctypes; ctypes.CDLL("${library}")`])
  return load.status === 0 ? false : `${python} cannot load ${library}`
}

/**
 * The brokers that librdkafka has for its own tests, in a process of their own. They check the
 * record batches and the sequences of producers. Each line of the input is a call of its API.
 */
const program = `
import sys, json, ctypes
lib = ctypes.CDLL("${library}")
for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"): getattr(lib, name).restype = ctypes.c_void_p
lib.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
error = ctypes.create_string_buffer(512)
client = lib.rd_kafka_new(0, ctypes.c_void_p(lib.rd_kafka_conf_new()), error, 512)
cluster = ctypes.c_void_p(lib.rd_kafka_mock_cluster_new(ctypes.c_void_p(client), int(sys.argv[1])))
print(lib.rd_kafka_mock_cluster_bootstraps(cluster).decode(), flush=True)
for line in sys.stdin:
    name, *values = json.loads(line)
    values = [value.encode() if isinstance(value, str) else value for value in values]
    if name == "push_request_errors_array":
        api, *errors = values
        values = [ctypes.c_int16(api), ctypes.c_size_t(len(errors)), (ctypes.c_int * len(errors))(*errors)]
    print(getattr(lib, "rd_kafka_mock_" + name)(cluster, *values), flush=True)
`

/** Calls that tests need. */
type Call =
  | readonly [name: 'topic_create', topic: string, partitions: number, replicas: number]
  | readonly [name: 'topic_set_error', topic: string, error: number]
  | readonly [name: 'push_request_errors_array', api: number, ...errors: readonly number[]]
  | readonly [name: 'partition_set_leader', topic: string, partition: number, broker: number]
  | readonly [name: 'broker_set_down' | 'broker_set_up', broker: number]
  | readonly [name: 'broker_set_rtt', broker: number, ms: number]
  | readonly [name: 'set_apiversion', api: number, min: number, max: number]

/** A record that a consumer got. */
export interface ConsumedRecord {
  readonly partition: number
  readonly offset: number
  readonly ts: number
  readonly key: string | null
  readonly payload: string
}

/** Brokers of librdkafka. */
export class KafkaCluster {
  readonly #process: ChildProcess
  readonly #answers: AsyncIterator<string>
  /** `HOST:PORT` of each broker. */
  readonly brokers: readonly string[]

  static async start(brokers: number): Promise<KafkaCluster> {
    const child = spawn(python, ['-c', program, String(brokers)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const { value } = await answers.next()
    return new KafkaCluster(child, answers, value.split(','))
  }

  private constructor(
    process: ChildProcess,
    answers: AsyncIterator<string>,
    brokers: readonly string[],
  ) {
    this.#process = process
    this.#answers = answers
    this.brokers = brokers
  }

  /** Calls the API of the brokers. */
  async call(...call: Call): Promise<void> {
    this.#process.stdin?.write(`${JSON.stringify(call)}\n`)
    const { value } = await this.#answers.next()
    if (value !== '0') throw new Error(`${call[0]}: ${value}`)
  }

  /** All records of a topic, as kcat gets them; it checks the checksums. */
  async consume(topic: string): Promise<ConsumedRecord[]> {
    const options = ['-C', '-J', '-q', '-e', '-o', 'beginning', '-X']
    options.push('check.crcs=true', '-X', 'fetch.wait.max.ms=5')
    const child = spawn('kcat', ['-b', this.brokers.join(), '-t', topic, ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const records: ConsumedRecord[] = []
    for await (const line of createInterface({ input: child.stdout }))
      records.push(JSON.parse(line))
    return records
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit')
    // False: it has exited already.
    if (this.#process.kill('SIGKILL')) await exited
  }
}
