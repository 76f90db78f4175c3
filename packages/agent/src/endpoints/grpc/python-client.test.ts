import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestServer } from './testing/test-server.ts'

// The system's Python: others do not have Debian's python3-grpcio.
const python = '/usr/bin/python3'
const hasGrpc = spawnSync(python, ['-c', 'import grpc, google.protobuf']).status === 0

/** Uses the server's reflection for all types, then makes calls and prints the responses. */
const program = `
import sys, json, grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, json_format

channel = grpc.insecure_channel("unix:" + sys.argv[1])
raw = lambda b: b

def field(number, data):
    return bytes([number << 3 | 2, len(data)]) + data

reflect = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", raw, raw)

def strings(data, wanted):
    at, found = 0, []
    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]; at += 1
            value |= (byte & 127) << shift; shift += 7
            if byte < 128: return value
    while at < len(data):
        tag = varint()
        if tag & 7 == 2:
            size = varint()
            if tag >> 3 == wanted: found.append(data[at:at + size])
            at += size
        else: varint()
    return found

listed = next(iter(reflect(iter([field(7, b"*")]))))
services = [strings(s, 1)[0].decode() for s in strings(strings(listed, 6)[0], 1)]
pool = descriptor_pool.DescriptorPool()
known = set()
# Values of settings are of types that no field names.
for symbol in services + ["google.protobuf.ListValue", "google.protobuf.Int64Value"]:
    if symbol.startswith("grpc.reflection"): continue
    answer = next(iter(reflect(iter([field(4, symbol.encode())]))))
    files = strings(strings(answer, 4)[0], 1)
    waiting = [descriptor_pb2.FileDescriptorProto.FromString(data) for data in files]
    while waiting:
        file = waiting.pop(0)
        if file.name in known: continue
        if known.issuperset(file.dependency):
            known.add(file.name)
            pool.Add(file)
        else: waiting.append(file)
factory = message_factory.MessageFactory(pool)

def method(service, name):
    info = pool.FindServiceByName(service).FindMethodByName(name)
    request, response = factory.GetPrototype(info.input_type), factory.GetPrototype(info.output_type)
    make = channel.unary_stream if name == "GetEvents" else channel.unary_unary
    call = make("/%s/%s" % (service, name), request.SerializeToString, response.FromString)
    return lambda value={}: call(json_format.ParseDict(value, request()), timeout=20)

def emit(value):
    print(json.dumps(value), flush=True)

def show(message):
    return json_format.MessageToDict(message, preserving_proto_field_name=True, descriptor_pool=pool)

sensors = lambda name: method("tetragon.FineGuidanceSensors", name)
emit(sorted(services))
emit(show(method("grpc.health.v1.Health", "Check")({"service": "liveness"})))
emit(show(sensors("GetVersion")()))
emit(show(sensors("GetInfo")()))
try: sensors("AddTracingPolicy")({"yaml": "kind: x"})
except grpc.RpcError as error: emit([error.code().name, error.details()])
sensors("AddTracingPolicy")({"yaml": sys.stdin.read()})
emit(show(sensors("ListTracingPolicies")()))
events = sensors("GetEvents")({"allow_list": [{"binary_regex": ["wanted$"]}]})
events.initial_metadata()
emit("connected")
for event in events:
    emit(show(event))
    events.cancel()
    break
bad = channel.unary_unary("/tetragon.FineGuidanceSensors/AddTracingPolicy", raw, raw)
try: bad(b"\\x0a\\xff\\xff\\xff")
except grpc.RpcError as error: emit(error.code().name)
try: bad(b"x" * (8 << 20))
except grpc.RpcError as error: emit(error.code().name)
emit(show(sensors("GetVersion")()))
`

const policy = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: python
spec:
  kprobes:
  - call: tcp_connect
    syscall: false
`

const skip = hasGrpc ? false : 'python3-grpcio and python3-protobuf are not installed'

describe('a client in Python', { skip }, () => {
  let test: TestServer
  before(async () => {
    test = await TestServer.start()
  })
  after(() => test.stop())

  it('that only has the address can use everything', async () => {
    const child = spawn(python, ['-c', program, test.path])
    const errors = text(child.stderr)
    const exit = once(child, 'exit')
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
    })
    child.stdin.end(policy)
    const event = (binary: string) => ({
      process_exec: { process: { pid: 7, binary, start_time: '2024-05-06T07:08:09.123456789Z' } },
      node_name: 'node',
    })
    const feed = setInterval(() => test.host.events.emit(event('/bin/x'), event('/bin/wanted')), 20)
    const [code] = await Promise.race([exit, sleep(30_000, ['timeout'], { ref: false })])
    clearInterval(feed)
    assert.equal(await errors, '')
    assert.equal(code, 0)
    const emitted = out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
    const [services, health, version, info, refused, listed, connected, received] = emitted
    assert.deepEqual(services, [
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'tetragon.EventLogService',
      'tetragon.FineGuidanceSensors',
      'tetragonts.DetectionRules',
      'tetragonts.Inspect',
    ])
    assert.deepEqual(health, { status: 'SERVING' })
    assert.deepEqual(version, { version: '1.2.3' })
    assert.deepEqual(info, await test.host.info())
    assert.deepEqual(info.build, { go_version: `node ${process.version}` })
    assert.equal(refused[0], 'INVALID_ARGUMENT')
    assert.match(refused[1], /policy.yaml:1:\d+: error: /)
    assert.equal(listed.policies[0].name, 'python')
    assert.equal(listed.policies[0].state, 'TP_STATE_ENABLED')
    assert.equal(connected, 'connected')
    assert.deepEqual(received, event('/bin/wanted'))
    assert.deepEqual(emitted.slice(8), ['INTERNAL', 'RESOURCE_EXHAUSTED', version])
  })
})
