import type { Bytes } from '#platform'
import { serviceName } from '../service.ts'
import { codecOf } from '../wire/codec.ts'
import { FileDescriptor } from './descriptor-messages.ts'
import { fileDescriptor } from './file-descriptor.ts'
import { agentFiles, grpcFiles } from './files.ts'
import { googleFiles } from './google-files.ts'
import { importsOf, type ProtoFile } from './proto-file.ts'

const files = [...agentFiles, ...grpcFiles, ...googleFiles]
const codec = codecOf(FileDescriptor)

/** Encoded descriptors of a file and of all that it imports, the file first. */
function closure(file: ProtoFile): Bytes[] {
  const found = new Set([file])
  for (const each of found) {
    for (const path of importsOf(each, files)) {
      const imported = files.find((other) => other.path === path)
      if (imported !== undefined) found.add(imported)
    }
  }
  return [...found].map((each) => codec.encode(fileDescriptor(each, files)))
}

/** Descriptors by the path of a file; undefined if there is none. */
export function descriptorsOfFile(path: string): Bytes[] | undefined {
  const file = files.find((each) => each.path === path)
  return file && closure(file)
}

/** Descriptors by the full name of a service, method, message or enum; undefined if none has it. */
export function descriptorsOfSymbol(symbol: string): Bytes[] | undefined {
  const file = files.find((each) => {
    if (each.types.some(({ name }) => `${each.package}.${name}` === symbol)) return true
    return each.services?.some((service) => {
      const name = serviceName(service)
      return name === symbol || Object.keys(service.rpcs).some((rpc) => `${name}.${rpc}` === symbol)
    })
  })
  return file && closure(file)
}
