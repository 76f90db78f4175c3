import type { MessageOf } from '../message.ts'
import { bytes, int32, many, message, nested, string } from '../message.ts'
import { service } from '../service.ts'

/** The service that describes the services of a gRPC server. */

const ExtensionRequest = message('ExtensionRequest', {
  containing_type: string(1),
  extension_number: int32(2),
})

const request = {
  file_by_filename: string(3),
  file_containing_symbol: string(4),
  file_containing_extension: nested(5, ExtensionRequest),
  all_extension_numbers_of_type: string(6),
  list_services: string(7),
}

export const ServerReflectionRequest = message(
  'ServerReflectionRequest',
  { host: string(1), ...request },
  { oneofs: { message_request: Object.keys(request) } },
)
export type ServerReflectionRequest = MessageOf<typeof ServerReflectionRequest>

const FileDescriptorResponse = message('FileDescriptorResponse', {
  file_descriptor_proto: many(bytes(1)),
})

const ExtensionNumberResponse = message('ExtensionNumberResponse', {
  base_type_name: string(1),
  extension_number: many(int32(2)),
})

const ServiceResponse = message('ServiceResponse', { name: string(1) })

const ListServiceResponse = message('ListServiceResponse', {
  service: many(nested(1, ServiceResponse)),
})

const ErrorResponse = message('ErrorResponse', { error_code: int32(1), error_message: string(2) })

const response = {
  file_descriptor_response: nested(4, FileDescriptorResponse),
  all_extension_numbers_response: nested(5, ExtensionNumberResponse),
  list_services_response: nested(6, ListServiceResponse),
  error_response: nested(7, ErrorResponse),
}

export const ServerReflectionResponse = message(
  'ServerReflectionResponse',
  { valid_host: string(1), original_request: nested(2, ServerReflectionRequest), ...response },
  { oneofs: { message_response: Object.keys(response) } },
)
export type ServerReflectionResponse = MessageOf<typeof ServerReflectionResponse>

const rpcs = {
  ServerReflectionInfo: {
    request: ServerReflectionRequest,
    response: ServerReflectionResponse,
    stream: 'both',
  },
} as const

export const ServerReflection = service('grpc.reflection.v1', 'ServerReflection', rpcs)
/** The same under its older name. */
export const ServerReflectionAlpha = service('grpc.reflection.v1alpha', 'ServerReflection', rpcs)

/** Every message of the service. */
export const reflectionTypes = [
  ExtensionRequest,
  ServerReflectionRequest,
  FileDescriptorResponse,
  ExtensionNumberResponse,
  ServiceResponse,
  ListServiceResponse,
  ErrorResponse,
  ServerReflectionResponse,
]
