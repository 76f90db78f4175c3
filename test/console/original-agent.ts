import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { compileOriginal } from '../compatibility/reference/descriptors.ts'

// The system's Python: others do not have Debian's python3-grpcio.
const python = '/usr/bin/python3'

/** Why there can be no such agent; false: there can. */
export function missingForOriginal(): string | false {
  const hasGrpc = spawnSync(python, ['-c', 'import grpc, google.protobuf']).status === 0
  const hasProtoc = spawnSync('protoc', ['--version']).status === 0
  return hasGrpc && hasProtoc ? false : 'python3-grpcio or protoc is not installed'
}

/**
 * Serves the sensor service with the descriptors of the original. Each message of an event has an
 * unknown field, as if the agent were newer, and the last event is of an unknown kind.
 */
const program = `
import sys, json, threading, grpc
from concurrent import futures
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, json_format

address, descriptors = sys.argv[1:]
pool = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString(open(descriptors, "rb").read()).file:
    pool.Add(file)
factory = message_factory.MessageFactory(pool)
service = pool.FindServiceByName("tetragon.FineGuidanceSensors")
given = json.load(sys.stdin)
later = bytes([0xc2, 0xbb, 0x04, 5]) + b"later"
unknown_kind = bytes([0xf2, 0x07, len(later)]) + later

def message(name, value):
    type = service.FindMethodByName(name).output_type
    return json_format.ParseDict(value, factory.GetPrototype(type)(), descriptor_pool=pool)

def wire(event):
    response = message("GetEvents", event)
    body = getattr(response, response.WhichOneof("event"))
    for each in [response, body] + ([body.process] if hasattr(body, "process") else []):
        each.MergeFromString(later)
    return response.SerializeToString()

def get_events(request, context):
    for event in given["events"]: yield wire(event)
    yield unknown_kind
    gone = threading.Event()
    context.add_callback(gone.set)
    gone.wait()

def answer(name):
    data = message(name, given["answers"][name]).SerializeToString()
    return grpc.unary_unary_rpc_method_handler(lambda request, context: data)

handlers = {name: answer(name) for name in given["answers"]}
handlers["GetEvents"] = grpc.unary_stream_rpc_method_handler(get_events)
server = grpc.server(futures.ThreadPoolExecutor(8))
server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("tetragon.FineGuidanceSensors", handlers)])
server.add_insecure_port(address)
server.start()
print("serving", flush=True)
server.wait_for_termination()
`

/** A gRPC server like an agent of the original: other procedures than its own are unknown. */
export class OriginalAgent implements AsyncDisposable {
  readonly address: string
  readonly #child: ChildProcess

  private constructor(address: string, child: ChildProcess) {
    this.address = address
    this.#child = child
  }

  /**
   * @param folder of the socket
   * @param events each client gets them once
   * @param answers of procedures, by their names
   */
  static async start(
    folder: string,
    events: readonly object[],
    answers: Readonly<Record<string, object>>,
  ): Promise<OriginalAgent> {
    const address = `unix://${join(folder, 'socket')}`
    const args = ['-c', program, `unix:${join(folder, 'socket')}`, compileOriginal(folder)]
    const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.end(JSON.stringify({ events, answers }))
    await once(child.stdout, 'data')
    return new OriginalAgent(address, child)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    if (this.#child.signalCode === null) await once(this.#child, 'exit')
  }
}
