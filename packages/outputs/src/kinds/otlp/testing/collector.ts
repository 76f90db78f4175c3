import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

// The system's Python: others do not have Debian's packages.
const python = '/usr/bin/python3'
const imports = 'import grpc, opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc'

/** Why there can be no collector here; false if there can. */
export const missingCollector =
  spawnSync(python, ['-c', imports]).status === 0
    ? false
    : 'python3-grpcio or python3-opentelemetry-proto is not installed'

/** Whether a message has fields that the definitions do not have. */
const unknownFields = `def unknown(message):
    if len(unknown_fields.UnknownFieldSet(message)): return True
    for field, value in message.ListFields():
        if field.message_type is None: continue
        if any(unknown(each) for each in (value if field.label == field.LABEL_REPEATED else [value])): return True
    return False`

/**
 * A server with the official library of gRPC and the official definitions of OTLP. It refuses
 * messages with fields that these do not have, and prints each request as JSON.
 */
const grpcProgram = `
import sys, json, grpc
from concurrent import futures
from google.protobuf import json_format, unknown_fields
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs, logs_service_pb2_grpc as logs_rpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics, metrics_service_pb2_grpc as metrics_rpc

${unknownFields}

def collect(request, context):
    if unknown(request): context.abort(grpc.StatusCode.INVALID_ARGUMENT, "unknown fields")
    metadata = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
    seconds = context.time_remaining()
    print(json.dumps({"request": json_format.MessageToDict(request), "metadata": metadata, "seconds": seconds}), flush=True)
    return int(metadata.get("x-reject", "0"))

class Logs(logs_rpc.LogsServiceServicer):
    def Export(self, request, context):
        rejected = collect(request, context)
        return logs.ExportLogsServiceResponse(partial_success=logs.ExportLogsPartialSuccess(rejected_log_records=rejected, error_message="too old"))

class Metrics(metrics_rpc.MetricsServiceServicer):
    def Export(self, request, context):
        rejected = collect(request, context)
        return metrics.ExportMetricsServiceResponse(partial_success=metrics.ExportMetricsPartialSuccess(rejected_data_points=rejected, error_message="too old"))

server = grpc.server(futures.ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", 65536)])
logs_rpc.add_LogsServiceServicer_to_server(Logs(), server)
metrics_rpc.add_MetricsServiceServicer_to_server(Metrics(), server)
if len(sys.argv) > 1:
    read = lambda name: open(sys.argv[1] + "/" + name, "rb").read()
    port = server.add_secure_port("localhost:0", grpc.ssl_server_credentials([(read("server.key"), read("server.pem"))], read("client.pem"), True))
else: port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
server.wait_for_termination()
`

/**
 * The same over HTTP. The header X-Answer has a status instead of 200, with a google.rpc.Status as
 * the body.
 */
const httpProgram = `
import sys, json, gzip
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from google.protobuf import json_format, unknown_fields
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics

${unknownFields}

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *args): pass
    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip": body = gzip.decompress(body)
        if self.path == "/v1/logs":
            request, response = logs.ExportLogsServiceRequest(), logs.ExportLogsServiceResponse()
        else:
            assert self.path == "/v1/metrics"
            request, response = metrics.ExportMetricsServiceRequest(), metrics.ExportMetricsServiceResponse()
        assert self.headers["content-type"] == "application/x-protobuf"
        request.ParseFromString(body)
        if unknown(request): return self.reply(400, b"")
        metadata = {key.lower(): value for key, value in self.headers.items()}
        print(json.dumps({"request": json_format.MessageToDict(request), "metadata": metadata, "seconds": 0}), flush=True)
        count = int(metadata.get("x-reject", "0"))
        if count:
            if self.path == "/v1/logs": response.partial_success.rejected_log_records = count
            else: response.partial_success.rejected_data_points = count
            response.partial_success.error_message = "too old"
        # code 3, message "no such field"
        if "x-answer" in metadata: return self.reply(int(metadata["x-answer"]), b"\\x08\\x03\\x12\\x0dno such field")
        self.reply(200, response.SerializeToString())

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
`

/** Records of a request. */
export interface CollectedLogs {
  readonly resourceLogs: readonly {
    readonly resource: object
    readonly scopeLogs: readonly {
      readonly scope: object
      readonly logRecords: readonly CollectedRecord[]
    }[]
  }[]
}

/** Metrics of a request. */
export interface CollectedMetrics {
  readonly resourceMetrics: readonly {
    readonly resource: object
    readonly scopeMetrics: readonly {
      readonly scope: object
      readonly metrics: readonly CollectedMetric[]
    }[]
  }[]
}

/** A request that arrived. */
export interface CollectedRequest<Content> {
  readonly request: Content
  readonly metadata: Readonly<Record<string, string>>
  /** Until the deadline of the client. */
  readonly seconds: number
}

/** A record, as the library of protobuf prints it. */
export interface CollectedRecord {
  readonly body: { readonly stringValue: string }
  readonly attributes: readonly { readonly key: string; readonly value: object }[]
}

/** A metric, as the library of protobuf prints it: 64-bit integers are texts. */
export interface CollectedMetric {
  readonly name: string
  readonly description?: string
  readonly gauge?: { readonly dataPoints: readonly CollectedPoint[] }
  readonly sum?: { readonly dataPoints: readonly CollectedPoint[] }
  readonly histogram?: { readonly dataPoints: readonly CollectedPoint[] }
}

/** A point of any kind. */
export interface CollectedPoint {
  readonly attributes?: readonly {
    readonly key: string
    readonly value: { readonly stringValue: string }
  }[]
  readonly startTimeUnixNano?: string
  readonly timeUnixNano: string
  readonly asDouble?: number | string
  readonly count?: string
  readonly sum?: number
  readonly bucketCounts?: readonly string[]
  readonly explicitBounds?: readonly number[]
}

/** The server in a process of its own. */
export class Collector {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly port: number

  /** Starts one for gRPC. @param folder has both certificates; without: no TLS */
  static start(folder?: string): Promise<Collector> {
    return Collector.#run(grpcProgram, folder === undefined ? [] : [folder])
  }

  /** Starts one for HTTP. */
  static startHttp(): Promise<Collector> {
    return Collector.#run(httpProgram, [])
  }

  static async #run(program: string, args: readonly string[]): Promise<Collector> {
    const child = spawn(python, ['-c', program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    return new Collector(child, lines, Number((await lines.next()).value))
  }

  private constructor(process: ChildProcess, lines: AsyncIterator<string>, port: number) {
    this.#process = process
    this.#lines = lines
    this.port = port
  }

  /** The next request. */
  async next<Content = CollectedLogs>(): Promise<CollectedRequest<Content>> {
    return JSON.parse((await this.#lines.next()).value)
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await exited
  }
}
