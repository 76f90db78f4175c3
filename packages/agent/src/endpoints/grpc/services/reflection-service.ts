import type { ServerDuplexStream, UntypedServiceImplementation } from '@grpc/grpc-js'
import { status } from '@grpc/grpc-js'
import {
  descriptorsOfFile,
  descriptorsOfSymbol,
  ServerReflection,
  ServerReflectionAlpha,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  serviceDefinition,
} from '@tetragon-ts/api'

export const reflectionDefinitions = [
  serviceDefinition(ServerReflection),
  serviceDefinition(ServerReflectionAlpha),
]

type Reply = Omit<ServerReflectionResponse, 'valid_host' | 'original_request'>
type Call = ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>

function files(found: readonly Buffer[] | undefined, what: string): Reply {
  if (found === undefined) return failure(status.NOT_FOUND, `${what} is not known`)
  const file_descriptor_proto = found.map((bytes) => bytes.toString('base64'))
  return { file_descriptor_response: { file_descriptor_proto } }
}

function failure(error_code: status, error_message: string): Reply {
  return { error_response: { error_code, error_message } }
}

function reply(request: ServerReflectionRequest, services: readonly string[]): Reply {
  const { file_by_filename, file_containing_symbol, file_containing_extension } = request
  if (request.list_services !== undefined) {
    return { list_services_response: { service: services.map((name) => ({ name })) } }
  }
  if (file_by_filename !== undefined) {
    return files(descriptorsOfFile(file_by_filename), `file ${file_by_filename}`)
  }
  if (file_containing_symbol !== undefined) {
    return files(descriptorsOfSymbol(file_containing_symbol), `symbol ${file_containing_symbol}`)
  }
  const { all_extension_numbers_of_type } = request
  if (file_containing_extension !== undefined || all_extension_numbers_of_type !== undefined) {
    return failure(status.NOT_FOUND, 'there are no extensions')
  }
  return failure(status.INVALID_ARGUMENT, 'the request is empty')
}

/** The service `grpc.reflection.v1.ServerReflection`. @param services full names of all services */
export function reflectionService(services: readonly string[]): UntypedServiceImplementation {
  return {
    ServerReflectionInfo: (call: Call) => {
      call.on('data', (request: ServerReflectionRequest) => {
        const valid_host = request.host ?? ''
        call.write({ valid_host, original_request: request, ...reply(request, services) })
      })
      call.on('end', () => call.end())
      call.on('error', () => call.end())
    },
  }
}
